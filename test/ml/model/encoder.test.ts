import { mul, slice, sum, type Tensor, valueAndGrads } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { Sequence } from '../../../src/ml/model/attention.js';
import { encode, summarise } from '../../../src/ml/model/encoder.js';
import { named, type Weights } from '../../../src/ml/model/layers.js';
import type { EncoderSpec } from '../../../src/ml/model/spec.js';
import { cpuEngine, floats } from '../engine/support.js';
import { randomWeights, run, tinyEncoder, tinyGpt2, tinyModel } from './support.js';

const engine = cpuEngine();
const [batch, textLength, features] = [3, 4, 2];

/** What the whole last layer says at the position that sums up, and the gradient of a weighted sum of it. */
function outcome(spec: EncoderSpec, encoded: (inputs: Record<string, Tensor>) => Tensor) {
  const inputs = {
    ...randomWeights({ ...tinyModel, encoder: spec }),
    x: floats([batch, textLength + features, spec.hiddenSize]),
    mask: { shape: [batch, textLength + features], dtype: 'float32' as const, data: new Float32Array(18).fill(1) },
  };
  inputs.mask.data.fill(0, 2, 4);
  const trained = ['x', ...Object.keys(inputs).filter((name) => name.startsWith('encoder.'))];
  const fn = (tensors: Record<string, Tensor>): Record<string, Tensor> => {
    const loss = (...values: Tensor[]): Tensor => {
      const hidden = encoded({ ...tensors, ...Object.fromEntries(trained.map((name, i) => [name, values[i]!])) });
      return sum(mul(hidden, mul(hidden, 0.1)));
    };
    const { value, grads } = valueAndGrads(loss)(trained.map((name) => named(tensors, name)));
    const hidden = encoded(tensors);
    return { value, hidden, ...Object.fromEntries(grads.map((grad, i) => [`gradient of ${trained[i]}`, grad])) };
  };
  return run(engine, { fn, inputs }, inputs);
}

describe.each([
  ['BERT', tinyEncoder, 0],
  ['GPT-2', tinyGpt2, 5],
])('%s, read at one position', (_name, spec, at) => {
  it('says there what it says when all are computed, with the same gradients', async () => {
    const sequence = (tensors: Weights): Sequence => ({ x: named(tensors, 'x'), mask: named(tensors, 'mask') });
    const some = await outcome(spec, (tensors) => summarise(tensors, spec, sequence(tensors)));
    const all = await outcome(spec, (tensors) =>
      slice(encode(tensors, spec, sequence(tensors)), [0, at, 0], [batch, 1, spec.hiddenSize]),
    );
    expect(Object.keys(some)).toEqual(Object.keys(all));
    for (const [name, numbers] of Object.entries(all)) {
      expect(some[name]).toHaveLength(numbers.length);
      for (const [i, number] of numbers.entries()) expect(some[name]![i]).toBeCloseTo(number, 4);
    }
  });
});
