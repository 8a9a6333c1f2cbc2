import { add, expandDims, gather, mul, square, sum } from '@tensorflow/tfjs-core';
import { type OptimizerSettings, optimizerShapes } from './adamw.js';
import { numbersHead } from './head.js';
import { named } from './layers.js';
import { objectiveLoss } from './losses.js';
import { numberShapes } from './number-programs.js';
import { type BatchShape, float32, type ProgramDefinition, trainingStep } from './programs.js';
import type { ModelSpec } from './spec.js';
import { numbersHeadShapes, wordEffectsShapes, wordEffectsTable } from './weights.js';

/**
 * `trainProgram` of the words' effects on the prior, with the numbers' part of the head as it is.
 * Inputs: the weights of `wordEffectsShapes(spec)` and `numbersHeadShapes(spec)`; the state of `optimizerShapes(wordEffectsShapes(spec))`; `tokenIds` int32 [B, L], `tokenShares` [B, L] (see
 * `wordShares`), `numeric` [B, F], `prior` [B, 2], `value` [B], `weight` [B]. Outputs: as `trainProgram`.
 * @param penalty factor of the sum of squares of the table, which is added to the mean loss (ridge)
 */
export function wordsTrainProgram(
  spec: ModelSpec,
  { batch, length }: BatchShape,
  optimizer: OptimizerSettings,
  penalty: number,
): ProgramDefinition {
  const words = wordEffectsShapes(spec);
  return {
    inputs: {
      ...float32({
        ...words,
        ...optimizerShapes(words),
        ...numbersHeadShapes(spec),
        tokenShares: [batch, length],
        ...numberShapes(spec, batch),
        weight: [batch],
      }),
      tokenIds: { shape: [batch, length], dtype: 'int32' },
    },
    fn: (inputs) =>
      trainingStep(optimizer, inputs, Object.keys(words), (weights) => {
        const table = named(weights, wordEffectsTable);
        const effects = mul(gather(table, named(inputs, 'tokenIds')), expandDims(named(inputs, 'tokenShares'), 2));
        const prior = add(named(inputs, 'prior'), sum(effects, 1));
        const output = numbersHead(weights, spec, named(inputs, 'numeric'), prior);
        const loss = objectiveLoss(spec, output, named(inputs, 'value'), named(inputs, 'weight'));
        return add(loss, mul(sum(square(table)), penalty));
      }),
  };
}
