import {
  add,
  customGrad,
  exp,
  gather,
  log,
  matMul,
  max,
  mul,
  reshape,
  squeeze,
  sub,
  sum,
  type GradSaveFunc,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { embed, encode, wordEmbeddings, wordTable } from '../../src/ml/model/encoder.js';
import { activate, layerNorm, linear, named, type Weights } from '../../src/ml/model/layers.js';
import { weightedMean } from '../../src/ml/model/losses.js';
import type { EncoderSpec } from '../../src/ml/model/spec.js';
import { layerNormShapes, linearShapes, type Shapes } from '../../src/ml/model/weights.js';

/** Weights of BERT's masked-language-modelling head; its decoder is the word table itself. */
export function mlmHeadShapes(spec: EncoderSpec): Shapes {
  return {
    ...linearShapes('cls.predictions.transform.dense', spec.hiddenSize, spec.hiddenSize),
    ...layerNormShapes('cls.predictions.transform.LayerNorm', spec.hiddenSize),
    'cls.predictions.bias': [spec.vocabSize],
  };
}

/** B texts of L tokens, and the P places to guess. */
interface MaskedTexts {
  /** int32 [B, L], masks already put in. */
  readonly tokenIds: Tensor;
  /** float32 [B, L] */
  readonly tokenMask: Tensor;
  /** int32 [P], each b · L + l. */
  readonly positions: Tensor;
  /** int32 [P], the original words. */
  readonly targets: Tensor;
  /** float32 [P], 0 for places that only fill up. */
  readonly weight: Tensor;
}

/**
 * Mean cross-entropy of the words behind the masks (Devlin et al. 2019), computed at the masked positions only.
 * @returns scalar, nats a word
 */
export function mlmLoss(
  weights: Weights,
  spec: EncoderSpec,
  { tokenIds, tokenMask, positions, targets, weight }: MaskedTexts,
): Tensor {
  const x = embed(weights, spec, wordEmbeddings(weights, tokenIds));
  const hidden = encode(weights, spec, { x, mask: tokenMask });
  const masked = gather(reshape(hidden, [-1, spec.hiddenSize]), positions);
  const transformed = layerNorm(
    weights,
    'cls.predictions.transform.LayerNorm',
    activate(linear(weights, 'cls.predictions.transform.dense', masked), spec.activation),
    spec.layerNormEps,
  );
  const table = named(weights, wordTable);
  const bias = named(weights, 'cls.predictions.bias');
  const logits = add(matMul(transformed, table, false, true), bias);
  // The target's own logit from its own row: no one-hot of P x V.
  const targetLogits = add(sum(mul(transformed, gather(table, targets)), 1), gather(bias, targets));
  return weightedMean(sub(logSumExp(logits), targetLogits), weight);
}

/** log Σ exp over the last axis of [P, V], with the gradient written down: softmax, in one pass. */
const logSumExp: (x: Tensor) => Tensor = customGrad((x, save) => {
  const input = x as Tensor;
  const highest = max(input, 1, true);
  const value = add(log(sum(exp(sub(input, highest)), 1, true)), highest);
  (save as GradSaveFunc)([input, value]);
  return {
    value: squeeze(value, [1]),
    gradFunc: (dy: Tensor, saved: Tensor[]) => {
      const [logits, total] = saved as [Tensor, Tensor];
      return mul(reshape(dy, [-1, 1]), exp(sub(logits, total)));
    },
  };
});
