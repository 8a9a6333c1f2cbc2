import type { HostTensor } from '../../src/ml/engine/engine.js';
import { initialOptimizerState, type OptimizerSettings } from '../../src/ml/model/adamw.js';
import { trainableShapes, type BatchShape } from '../../src/ml/model/programs.js';
import type { ModelSpec } from '../../src/ml/model/spec.js';
import { modelShapes, type HostWeights } from '../../src/ml/model/weights.js';
import { sizeOf } from '../../src/ml/engine/shapes.js';
import { Random } from '../../src/random.js';

/** A model and the batch that it is run on. */
export interface Sample extends BatchShape {
  readonly spec: ModelSpec;
}

export const sampleOptimizer: OptimizerSettings = {
  learningRate: 1e-3,
  encoderShare: 1,
  weightDecay: 0.01,
  warmupSteps: 5,
  totalSteps: 40,
  schedule: 'cosine',
  clipNorm: 1,
};

/** Random weights, none of them 0, so that every gradient has something to say. The same ones every time. */
export function sampleWeights(spec: ModelSpec): HostWeights {
  const random = new Random('weights');
  const deviation = 1 / Math.sqrt(spec.encoder.hiddenSize);
  return Object.fromEntries(
    Object.entries(modelShapes(spec)).map(([name, shape]) => [
      name,
      floats(shape, () => random.normal(name.endsWith('LayerNorm.weight') ? 1 : 0, deviation)),
    ]),
  );
}

/** The optimizer's state before the first step. */
export function sampleState(spec: ModelSpec): HostWeights {
  return initialOptimizerState(trainableShapes(spec));
}

/** A labelled batch: texts of different lengths, half of the customers buy. */
export function sampleBatch({ spec, batch, length }: Sample): HostWeights {
  const random = new Random('batch');
  const tokenMask = floats([batch, length], () => 1);
  for (let row = 0; row < batch; row++) tokenMask.data.fill(0, (row + 1) * length - (row % 4), (row + 1) * length);
  const words = Int32Array.from({ length: batch * length }, () => random.integer(spec.encoder.vocabSize));
  return {
    tokenIds: { shape: [batch, length], dtype: 'int32', data: words.map((id, i) => id * tokenMask.data[i]!) },
    tokenMask,
    numeric: floats([batch, spec.numericFeatures.length], () => random.normal()),
    prior: floats([batch, 2], () => random.normal()),
    value: floats([batch], () => Math.max(0, random.normal(0, 2))),
    weight: floats([batch], () => 1),
  };
}

function floats(shape: readonly number[], next: () => number): HostTensor {
  return { shape, dtype: 'float32', data: Float32Array.from({ length: sizeOf(shape) }, next) };
}
