import type { OptimizerSettings } from './adamw.js';
import { optimizerShapes } from './adamw.js';
import { objectiveLoss, rowLosses } from './losses.js';
import { NUMBERS_WIDTH, numbersHead } from './head.js';
import { float32, input, type ProgramDefinition, trainingStep } from './programs.js';
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
      dropout0: [batch, NUMBERS_WIDTH],
      dropout1: [batch, NUMBERS_WIDTH],
    }),
    fn: (inputs) =>
      trainingStep(optimizer, inputs, Object.keys(head), (weights) =>
        objectiveLoss(
          spec,
          numbersHead(weights, spec, input(inputs, 'numeric'), input(inputs, 'prior'), [
            input(inputs, 'dropout0'),
            input(inputs, 'dropout1'),
          ]),
          input(inputs, 'value'),
          input(inputs, 'weight'),
        ),
      ),
  };
}

/** Each row's loss. Inputs: as `numbersTrainProgram`, less state, `weight` and dropout. Output: `losses` [B]. */
export function numbersEvaluationProgram(spec: ModelSpec, batch: number): ProgramDefinition {
  return {
    inputs: float32({ ...numbersHeadShapes(spec), ...numberShapes(spec, batch) }),
    fn: (inputs) => {
      const output = numbersHead(inputs, spec, input(inputs, 'numeric'), input(inputs, 'prior'));
      return { losses: rowLosses(spec, output, input(inputs, 'value')) };
    },
  };
}

function numberShapes(spec: ModelSpec, batch: number): Shapes {
  return { numeric: [batch, spec.numericFeatures.length], prior: [batch, 2], value: [batch] };
}
