import { concat, ones, type Tensor } from '@tensorflow/tfjs-core';
import { embed, summarise, wordEmbeddings } from './encoder.js';
import { head } from './head.js';
import type { Weights } from './layers.js';
import { loraScaleOf } from './lora.js';
import { numericTokens } from './numeric-tokens.js';
import type { ModelSpec } from './spec.js';

/** A batch as the model reads it: B customers, L text tokens each, F numeric features. */
export interface ModelInputs {
  /** int32 [B, L]: the narrative as `Tokenizer` encodes it, padded at the end. */
  readonly tokenIds: Tensor;
  /** float32 [B, L], 1 for a token, 0 for padding. */
  readonly tokenMask: Tensor;
  /** float32 [B, F], standardised, in the order of `spec.numericFeatures`. */
  readonly numeric: Tensor;
  /** float32 [B, 2]: logit of the probability of a purchase, natural log of the expected value given one. */
  readonly prior: Tensor;
}

/** The whole model. Result: what `head` says for the spec's objective, e.g. ZILN [B, 3] = (logit, μ, σ). */
export function predict(weights: Weights, spec: ModelSpec, inputs: ModelInputs): Tensor {
  return predictFromWords(weights, spec, wordEmbeddings(weights, inputs.tokenIds), inputs);
}

/** The model from its word embeddings [B, L, H] on: integrated gradients vary them. */
export function predictFromWords(
  weights: Weights,
  spec: ModelSpec,
  words: Tensor,
  { tokenMask, numeric, prior }: Omit<ModelInputs, 'tokenIds'>,
): Tensor {
  const [batch] = tokenMask.shape as [number, number];
  const text = embed(weights, spec.encoder, words);
  const x = concat([text, numericTokens(weights, numeric)], 1);
  const mask = concat([tokenMask, ones([batch, spec.numericFeatures.length])], 1);
  const summary = summarise(weights, spec.encoder, { x, mask, loraScale: loraScaleOf(spec) });
  // The numbers also go straight to the head: what needs no words is learnt at once.
  return head(weights, spec, summary, numeric, prior);
}
