import { add, expandDims, grads, mul, ones, sub, sum, valueAndGrads, type Tensor } from '@tensorflow/tfjs-core';
import type { DType, TensorFunction, TensorSpec } from '../engine/engine.js';
import { adamW, optimizerShapes, type OptimizerSettings } from './adamw.js';
import { wordEmbeddings } from './encoder.js';
import { expectedValue } from './head.js';
import { allNamed, named, type Weights } from './layers.js';
import { objectiveLoss, rowLosses } from './losses.js';
import { predict, predictFromWords, type ModelInputs } from './model.js';
import type { ModelSpec } from './spec.js';
import { modelShapes, trainableWeights, type Shapes } from './weights.js';

/** A function of named tensors with the inputs that it takes: what `Engine.compile` wants. */
export interface ProgramDefinition {
  readonly fn: TensorFunction;
  readonly inputs: Record<string, TensorSpec>;
}

/** B customers with L text tokens each. */
export interface BatchShape {
  readonly batch: number;
  readonly length: number;
}

/**
 * Scoring.
 * Inputs: every weight of `modelShapes(spec)`; `tokenIds`, `tokenMask` [B, L], `numeric` [B, F], `prior` [B, 2].
 * Outputs: `output` (see `head`: ZILN [B, 3] = logit, μ, σ), `expectedValue` [B].
 */
export function forwardProgram(spec: ModelSpec, shape: BatchShape): ProgramDefinition {
  return {
    inputs: { ...float32(modelShapes(spec)), ...batchInputs(spec, shape) },
    fn: (inputs) => {
      const output = predict(inputs, spec, modelInputs(inputs));
      return { output, expectedValue: expectedValue(spec, output) };
    },
  };
}

/** Each row's loss. Inputs: as `forwardProgram`, and `value` [B]. Output: `losses` [B]. */
export function evaluationProgram(spec: ModelSpec, shape: BatchShape): ProgramDefinition {
  return {
    inputs: { ...float32(modelShapes(spec)), ...batchInputs(spec, shape), ...float32({ value: [shape.batch] }) },
    fn: (inputs) => ({
      losses: rowLosses(spec, predict(inputs, spec, modelInputs(inputs)), named(inputs, 'value')),
    }),
  };
}

/** A batch to train on. */
export interface TrainingShape extends BatchShape {
  /** Rows of the word table that the step is given: see `WordTable`. Undefined for all of them. */
  readonly words?: number | undefined;
}

/**
 * One training step: loss, gradient, AdamW.
 * Inputs: every weight of `modelShapes(spec)`; the state of `optimizerShapes(trainableShapes(spec))`; the batch as in
 * `forwardProgram`; the labels `value` [B] and `weight` [B]. With `words`, the word table and its state have that many rows, and
 * `tokenIds` are row numbers among these.
 * Outputs: `loss`, and every trained weight and every state tensor under the name of the input that it replaces,
 * so that `Object.assign(state, outputs)` is the next step's state.
 */
export function trainProgram(spec: ModelSpec, shape: TrainingShape, optimizer: OptimizerSettings): ProgramDefinition {
  const { words: vocabSize = spec.encoder.vocabSize } = shape;
  const given = { ...spec, encoder: { ...spec.encoder, vocabSize } };
  const trainable = trainableShapes(given);
  const labels = { value: [shape.batch], weight: [shape.batch] };
  return {
    inputs: {
      ...float32(modelShapes(given)),
      ...float32(optimizerShapes(trainable)),
      ...batchInputs(given, shape),
      ...float32(labels),
    },
    fn: (inputs) =>
      trainingStep(optimizer, inputs, Object.keys(trainable), (weights) =>
        objectiveLoss(
          given,
          predict(weights, given, modelInputs(inputs)),
          named(inputs, 'value'),
          named(inputs, 'weight'),
        ),
      ),
  };
}

/** Shapes of the weights that the spec's strategy trains. */
export function trainableShapes(spec: ModelSpec): Shapes {
  return allNamed(modelShapes(spec), trainableWeights(spec));
}

/**
 * One point of the path from a baseline to each customer, for integrated gradients (Sundararajan, Taly & Yan 2017):
 * everything at baseline + α (customer − baseline), word embeddings in place of words. Summed over α with the
 * quadrature's weights, the products below are the attributions.
 * Inputs: every weight of `modelShapes(spec)`; the batch as in `forwardProgram`; `baselineTokenIds` [B, L],
 * `baselineNumeric` [B, F], `baselinePrior` [B, 2], `alpha` [B]. `tokenMask` is the customer's.
 * Outputs: the gradient of the expected value at that point times (customer − baseline), a token `tokens` [B, L], a
 * feature `features` [B, F]; and the mere gradient by the prior, `prior` [B, 2], since words move the prior, too, and take part of
 * its difference.
 */
export function attributionProgram(spec: ModelSpec, shape: BatchShape): ProgramDefinition {
  const { batch, length } = shape;
  return {
    inputs: {
      ...float32(modelShapes(spec)),
      ...batchInputs(spec, shape),
      baselineTokenIds: { shape: [batch, length], dtype: 'int32' },
      ...float32({ baselineNumeric: [batch, spec.numericFeatures.length], baselinePrior: [batch, 2], alpha: [batch] }),
    },
    fn: (inputs) => {
      const alpha = expandDims(named(inputs, 'alpha'), 1);
      const words = path(
        wordEmbeddings(inputs, named(inputs, 'baselineTokenIds')),
        wordEmbeddings(inputs, named(inputs, 'tokenIds')),
        expandDims(alpha, 2),
      );
      const numeric = path(named(inputs, 'baselineNumeric'), named(inputs, 'numeric'), alpha);
      const prior = path(named(inputs, 'baselinePrior'), named(inputs, 'prior'), alpha);
      const tokenMask = named(inputs, 'tokenMask');
      const valueAt = (w: Tensor, n: Tensor, p: Tensor): Tensor =>
        expectedValue(spec, predictFromWords(inputs, spec, w, { tokenMask, numeric: n, prior: p }));
      // Rows do not see each other, so ones as the output's gradient give every row its own.
      const gradients = grads(valueAt)([words.at, numeric.at, prior.at], ones([batch]));
      const [dWords, dNumeric, dPrior] = gradients as [Tensor, Tensor, Tensor];
      return {
        tokens: sum(mul(dWords, words.difference), 2),
        features: mul(dNumeric, numeric.difference),
        prior: dPrior,
      };
    },
  };
}

/** The point `baseline` + α (`customer` − `baseline`), and the difference of the two ends. */
export function path(baseline: Tensor, customer: Tensor, alpha: Tensor): { at: Tensor; difference: Tensor } {
  const difference = sub(customer, baseline);
  return { at: add(baseline, mul(difference, alpha)), difference };
}

/** Loss, gradient, AdamW. Outputs as of `trainProgram`. */
export function trainingStep(
  optimizer: OptimizerSettings,
  inputs: Weights,
  trainable: readonly string[],
  lossOf: (weights: Weights) => Tensor,
): Record<string, Tensor> {
  const loss = (...values: Tensor[]): Tensor =>
    lossOf({ ...inputs, ...Object.fromEntries(trainable.map((name, i) => [name, values[i] as Tensor])) });
  const { value, grads: gradients } = valueAndGrads(loss)(trainable.map((name) => named(inputs, name)));
  const byName = Object.fromEntries(trainable.map((name, i) => [name, gradients[i] as Tensor]));
  return { loss: value, ...adamW(optimizer, inputs, byName) };
}

function batchInputs(spec: ModelSpec, { batch, length }: BatchShape): Record<string, TensorSpec> {
  return {
    tokenIds: { shape: [batch, length], dtype: 'int32' },
    ...float32({ tokenMask: [batch, length], numeric: [batch, spec.numericFeatures.length], prior: [batch, 2] }),
  };
}

function modelInputs(inputs: Weights): ModelInputs {
  return {
    tokenIds: named(inputs, 'tokenIds'),
    tokenMask: named(inputs, 'tokenMask'),
    numeric: named(inputs, 'numeric'),
    prior: named(inputs, 'prior'),
  };
}

export function float32(shapes: Shapes): Record<string, TensorSpec> {
  const dtype: DType = 'float32';
  return Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, { shape, dtype }]));
}
