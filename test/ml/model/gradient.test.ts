import { valueAndGrads, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { TensorSpec } from '../../../src/ml/engine/engine.js';
import { objectiveLoss } from '../../../src/ml/model/losses.js';
import { predict } from '../../../src/ml/model/model.js';
import { trainProgram } from '../../../src/ml/model/programs.js';
import type { ModelSpec } from '../../../src/ml/model/spec.js';
import { trainableWeights } from '../../../src/ml/model/weights.js';
import { Random } from '../../../src/random.js';
import { compileDouble } from '../engine/double-precision.js';
import { optimizer, randomWeights, tinyBatch, tinyEncoder, tinyGpt2, tinyModel, tinyShape } from './support.js';

const step = 1e-5;

/** The loss of the whole model and its gradient by every trained weight. */
function lossAndGradients(spec: ModelSpec): (inputs: Record<string, Tensor>) => Record<string, Tensor> {
  const names = trainableWeights(spec);
  return (inputs) => {
    const { tokenIds, tokenMask, numeric, prior, value, weight } = inputs as Record<string, Tensor> &
      Record<'tokenIds' | 'tokenMask' | 'numeric' | 'prior' | 'value' | 'weight', Tensor>;
    const loss = (...values: Tensor[]): Tensor => {
      const weights = { ...inputs, ...Object.fromEntries(names.map((name, i) => [name, values[i] as Tensor])) };
      return objectiveLoss(spec, predict(weights, spec, { tokenIds, tokenMask, numeric, prior }), value, weight);
    };
    const result = valueAndGrads(loss)(names.map((name) => inputs[name] as Tensor));
    return { loss: result.value, ...Object.fromEntries(names.map((name, i) => [name, result.grads[i] as Tensor])) };
  };
}

function specs(spec: ModelSpec): Record<string, TensorSpec> {
  const { inputs } = trainProgram(spec, tinyShape, optimizer);
  return Object.fromEntries(Object.entries(inputs).filter(([name]) => !name.startsWith('adam.')));
}

describe('gradient of the whole model, in float64, against central differences', () => {
  it.each([
    ['ZILN', 'FULL', 'bert', 'gelu'],
    ['ZILN', 'LORA', 'bert', 'gelu_tanh'],
    ['MSE', 'FULL', 'bert', 'gelu_tanh'],
    ['CLASSIFICATION', 'FULL', 'bert', 'gelu'],
    ['ZILN', 'FULL', 'gpt2', 'gelu_tanh'],
    ['ZILN', 'LORA', 'gpt2', 'gelu_tanh'],
  ] as const)('%s, %s, %s, %s', async (objective, strategy, family, activation) => {
    const encoder = { ...(family === 'gpt2' ? tinyGpt2 : tinyEncoder), activation };
    const spec: ModelSpec = { ...tinyModel, objective, strategy, encoder };
    const evaluate = await compileDouble(lossAndGradients(spec), specs(spec));
    const inputs = Object.fromEntries(
      Object.entries({ ...randomWeights(spec), ...tinyBatch() }).map(([name, { data }]) => [name, Array.from(data)]),
    );
    const lossAt = async (name: string, index: number, shift: number): Promise<number> => {
      const values = [...(inputs[name] as number[])];
      (values[index] as number) += shift;
      return (await evaluate({ ...inputs, [name]: values })).loss?.[0] as number;
    };

    const analytic = await evaluate(inputs);
    const random = new Random('coordinates');
    let largest = 0;
    for (const name of trainableWeights(spec)) {
      const gradient = analytic[name] as number[];
      // The steepest coordinate and one at random: a table's rows are mostly unused, with a gradient of 0.
      const steepest = gradient.reduce(
        (best, g, i) => (Math.abs(g) > Math.abs(gradient[best] as number) ? i : best),
        0,
      );
      for (const index of [steepest, random.integer(gradient.length)]) {
        const numeric = ((await lossAt(name, index, step)) - (await lossAt(name, index, -step))) / (2 * step);
        const error = Math.abs((gradient[index] as number) - numeric) / (1 + Math.abs(numeric));
        expect(error, `${name}[${index}]`).toBeLessThan(1e-6);
        largest = Math.max(largest, Math.abs(numeric));
      }
    }
    expect(largest).toBeGreaterThan(0.1);
  });
});
