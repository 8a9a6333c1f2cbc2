import { expandDims, grads, mul, ones, type Tensor } from '@tensorflow/tfjs-core';
import { type OptimizerSettings, optimizerShapes } from './adamw.js';
import { named } from './layers.js';
import { objectiveLoss, rowLosses } from './losses.js';
import { expectedValue, numbersWidth, numbersHead } from './head.js';
import { float32, path, type ProgramDefinition, trainingStep } from './programs.js';
import type { ModelSpec } from './spec.js';
import { numbersHeadShapes, type Shapes } from './weights.js';

/**
 * `trainProgram` of the head's part that reads numbers alone.
 * Inputs: the weights of `numbersHeadShapes(spec)`; the state of `optimizerShapes(numbersHeadShapes(spec))`; `numeric` [B, F],
 * `prior` [B, 2], `value` [B], `weight` [B], `dropout0` and `dropout1` (see `numbersHead`). Outputs: as `trainProgram`.
 */
export function numbersTrainProgram(spec: ModelSpec, batch: number, optimizer: OptimizerSettings): ProgramDefinition {
  const head = numbersHeadShapes(spec);
  return {
    inputs: float32({
      ...head,
      ...optimizerShapes(head),
      ...numberShapes(spec, batch),
      weight: [batch],
      dropout0: [batch, numbersWidth],
      dropout1: [batch, numbersWidth],
    }),
    fn: (inputs) =>
      trainingStep(optimizer, inputs, Object.keys(head), (weights) =>
        objectiveLoss(
          spec,
          numbersHead(weights, spec, named(inputs, 'numeric'), named(inputs, 'prior'), [
            named(inputs, 'dropout0'),
            named(inputs, 'dropout1'),
          ]),
          named(inputs, 'value'),
          named(inputs, 'weight'),
        ),
      ),
  };
}

/** Each row's loss. Inputs: as `numbersTrainProgram`, less state, `weight` and dropout. Output: `losses` [B]. */
export function numbersEvaluationProgram(spec: ModelSpec, batch: number): ProgramDefinition {
  return {
    inputs: float32({ ...numbersHeadShapes(spec), ...numberShapes(spec, batch) }),
    fn: (inputs) => {
      const output = numbersHead(inputs, spec, named(inputs, 'numeric'), named(inputs, 'prior'));
      return { losses: rowLosses(spec, output, named(inputs, 'value')) };
    },
  };
}

/** `forwardProgram` of a model whose encoder changes nothing. Inputs: `numeric`, `prior`, and the numbers' weights. */
export function numbersForwardProgram(spec: ModelSpec, batch: number): ProgramDefinition {
  return {
    inputs: float32({ ...numbersHeadShapes(spec), ...batchShapes(spec, batch) }),
    fn: (inputs) => {
      const output = numbersHead(inputs, spec, named(inputs, 'numeric'), named(inputs, 'prior'));
      return { output, expectedValue: expectedValue(spec, output) };
    },
  };
}

/** `attributionProgram` of a model whose encoder changes nothing: without words, and without the output `tokens`. */
export function numbersAttributionProgram(spec: ModelSpec, batch: number): ProgramDefinition {
  const baseline = { baselineNumeric: [batch, spec.numericFeatures.length], baselinePrior: [batch, 2], alpha: [batch] };
  return {
    inputs: float32({ ...numbersHeadShapes(spec), ...batchShapes(spec, batch), ...baseline }),
    fn: (inputs) => {
      const alpha = expandDims(named(inputs, 'alpha'), 1);
      const numeric = path(named(inputs, 'baselineNumeric'), named(inputs, 'numeric'), alpha);
      const prior = path(named(inputs, 'baselinePrior'), named(inputs, 'prior'), alpha);
      const valueAt = (n: Tensor, p: Tensor): Tensor => expectedValue(spec, numbersHead(inputs, spec, n, p));
      const [dNumeric, dPrior] = grads(valueAt)([numeric.at, prior.at], ones([batch])) as [Tensor, Tensor];
      return { features: mul(dNumeric, numeric.difference), prior: dPrior };
    },
  };
}

function batchShapes(spec: ModelSpec, batch: number): Shapes {
  return { numeric: [batch, spec.numericFeatures.length], prior: [batch, 2] };
}

/** Shapes of `numeric` [B, F], `prior` [B, 2] and `value` [B]. */
export function numberShapes(spec: ModelSpec, batch: number): Shapes {
  return { ...batchShapes(spec, batch), value: [batch] };
}
