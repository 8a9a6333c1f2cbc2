import type { HostTensor } from '../engine/engine.js';
import { padTokens } from '../text/tokenizer-batch.js';
import type { Example, TrainingExample } from './example.js';

const lengthStep = 16;

/** The length that a text is padded to. Programs have static shapes: with multiples of 16, few programs serve all texts. */
export function lengthBucket(tokens: number): number {
  return Math.max(1, Math.ceil(tokens / lengthStep)) * lengthStep;
}

/** Length of the longest text that has at most `tokens` tokens when padded; 0 where none has. */
export const wholeBuckets = (tokens: number): number => Math.floor(tokens / lengthStep) * lengthStep;

export interface BatchLayout {
  readonly batch: number;
  readonly length: number;
  readonly pad: number;
  readonly features: number;
}

/** The tensors `tokenIds`, `tokenMask`, `numeric` and `prior` of the model contract; rows beyond the examples are padding. */
export function batchTensors(examples: readonly Example[], layout: BatchLayout): Record<string, HostTensor> {
  const { batch, length, pad } = layout;
  return {
    ...padTokens(
      examples.map((example) => example.tokenIds),
      { batch, length, pad },
    ),
    ...numberTensors(examples, layout),
  };
}

/** The tensors `numeric` and `prior` alone. */
export function numberTensors(
  examples: readonly Pick<Example, 'numeric' | 'prior'>[],
  { batch, features }: Pick<BatchLayout, 'batch' | 'features'>,
): Record<string, HostTensor> {
  const numeric = new Float32Array(batch * features);
  const prior = new Float32Array(batch * 2);
  for (const [row, example] of examples.entries()) {
    numeric.set(example.numeric, row * features);
    prior.set(example.prior, row * 2);
  }
  return {
    numeric: { shape: [batch, features], dtype: 'float32', data: numeric },
    prior: { shape: [batch, 2], dtype: 'float32', data: prior },
  };
}

/** The labels of training rows: `value` and `weight` [B]. */
export function labelTensors(examples: readonly TrainingExample[], batch: number): Record<string, HostTensor> {
  const values = examples.map((example) => example.value);
  const weights = examples.map((example) => example.weight);
  return { value: columnTensor(values, batch), weight: columnTensor(weights, batch) };
}

/** One value a row, 0 for padding rows. */
export function columnTensor(values: readonly number[], batch: number): HostTensor {
  const data = new Float32Array(batch);
  data.set(values);
  return { shape: [batch], dtype: 'float32', data };
}
