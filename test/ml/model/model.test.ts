import { describe, expect, it } from 'vitest';
import type { HostTensor } from '../../../src/ml/engine/engine.js';
import { mergeLora } from '../../../src/ml/model/merge-lora.js';
import { evaluationProgram, forwardProgram } from '../../../src/ml/model/programs.js';
import type { ModelSpec } from '../../../src/ml/model/spec.js';
import { addedShapes, modelShapes, trainableWeights } from '../../../src/ml/model/weights.js';
import { zilnMean } from '../../../src/ml/model/ziln-distribution.js';
import { cpuEngine } from '../engine/support.js';
import { freshWeights, randomWeights, run, tinyBatch, tinyModel, tinyShape, train } from './support.js';

const engine = cpuEngine();
const { batch, length } = tinyShape;

function priorValues({ data }: HostTensor): number[] {
  return Array.from({ length: batch }, (_, b) => {
    const [logit, logValue] = [data[2 * b] as number, data[2 * b + 1] as number];
    return Math.exp(logValue) / (1 + Math.exp(-logit));
  });
}

/** Largest difference, relative to 1 + the expected value. */
function distance(actual: readonly number[] | undefined, expected: readonly number[] | undefined): number {
  if (!actual || !expected || actual.length !== expected.length) return Infinity;
  return Math.max(...expected.map((value, i) => Math.abs((actual[i] as number) - value) / (1 + Math.abs(value))));
}

describe('an untrained model', () => {
  it.each(['FULL', 'LORA', 'HEAD'] as const)('is the prior, ZILN, %s', async (strategy) => {
    const spec: ModelSpec = { ...tinyModel, strategy };
    const inputs = { ...freshWeights(spec), ...tinyBatch() };
    const { output, expectedValue } = await run(engine, forwardProgram(spec, tinyShape), inputs);
    expect(distance(expectedValue, priorValues(inputs.prior as HostTensor))).toBeLessThan(1e-6);
    const logits = Array.from({ length: batch }, (_, b) => output?.[3 * b]);
    expect(logits).toEqual(Array.from({ length: batch }, (_, b) => inputs.prior?.data[2 * b]));
    expect(
      distance(
        Array.from({ length: batch }, (_, b) => output?.[3 * b + 2] as number),
        [1, 1, 1, 1],
      ),
    ).toBeLessThan(1e-5);
  });

  it('is the prior, MSE', async () => {
    const spec: ModelSpec = { ...tinyModel, objective: 'MSE' };
    const inputs = { ...freshWeights(spec), ...tinyBatch() };
    const { expectedValue } = await run(engine, forwardProgram(spec, tinyShape), inputs);
    expect(distance(expectedValue, priorValues(inputs.prior as HostTensor))).toBeLessThan(1e-6);
  });

  it('knows no tier better than another, CLASSIFICATION', async () => {
    const spec: ModelSpec = { ...tinyModel, objective: 'CLASSIFICATION' };
    const { output, expectedValue } = await run(engine, forwardProgram(spec, tinyShape), {
      ...freshWeights(spec),
      ...tinyBatch(),
    });
    expect(output?.every((logit) => logit === 0)).toBe(true);
    expect(distance(expectedValue, [5 / 3, 5 / 3, 5 / 3, 5 / 3])).toBeLessThan(1e-5);
  });
});

describe('a trained model', () => {
  const inputs = { ...randomWeights(), ...tinyBatch() };

  it('serves the mean of the distribution that it puts out', async () => {
    const { output, expectedValue } = await run(engine, forwardProgram(tinyModel, tinyShape), inputs);
    const rows = Array.from({ length: batch }, (_, b) => output?.slice(3 * b, 3 * b + 3) as [number, number, number]);
    expect(
      distance(
        expectedValue,
        rows.map(([logit, mu, sigma]) => zilnMean({ logit, mu, sigma })),
      ),
    ).toBeLessThan(1e-5);
    for (const [, , sigma] of rows) expect(sigma).toBeGreaterThanOrEqual(0.1);
  });

  it('does not see what is in the padding', async () => {
    const before = await run(engine, forwardProgram(tinyModel, tinyShape), inputs);
    const tokenIds = { ...(inputs.tokenIds as HostTensor), data: (inputs.tokenIds as HostTensor).data.slice() };
    tokenIds.data.fill(7, length + 3, 2 * length);
    const after = await run(engine, forwardProgram(tinyModel, tinyShape), { ...inputs, tokenIds });
    expect(distance(after.output, before.output as number[])).toBeLessThan(1e-6);
  });

  it('gives the same answer in a wider batch, padded', async () => {
    const wide = { batch, length: length + 4 };
    const widen = ({ data, dtype }: HostTensor): HostTensor => {
      const rows = Array.from({ length: batch }, (_, b) => [...data.slice(b * length, (b + 1) * length), 0, 0, 0, 0]);
      const shape = [batch, wide.length];
      return dtype === 'int32'
        ? { shape, dtype, data: Int32Array.from(rows.flat()) }
        : { shape, dtype, data: Float32Array.from(rows.flat()) };
    };
    const before = await run(engine, forwardProgram(tinyModel, tinyShape), inputs);
    const after = await run(engine, forwardProgram(tinyModel, wide), {
      ...inputs,
      tokenIds: widen(inputs.tokenIds as HostTensor),
      tokenMask: widen(inputs.tokenMask as HostTensor),
    });
    expect(distance(after.output, before.output as number[])).toBeLessThan(1e-5);
  });

  it.each(['tokenIds', 'numeric', 'prior'] as const)('depends on %s', async (name) => {
    const before = await run(engine, forwardProgram(tinyModel, tinyShape), inputs);
    const changed = { ...inputs, [name]: tinyBatch(2)[name] as HostTensor };
    const after = await run(engine, forwardProgram(tinyModel, tinyShape), changed);
    expect(distance(after.output, before.output)).toBeGreaterThan(1e-3);
  });

  it('reports the loss of each row', async () => {
    const { output } = await run(engine, forwardProgram(tinyModel, tinyShape), inputs);
    const { losses } = await run(engine, evaluationProgram(tinyModel, tinyShape), inputs);
    const [logit, mu, sigma] = (output as number[]).slice(3, 6) as [number, number, number];
    // The second row bought for 1.5.
    const lognormal =
      Math.log(1.5) + Math.log(sigma) + 0.5 * Math.log(2 * Math.PI) + (Math.log(1.5) - mu) ** 2 / (2 * sigma ** 2);
    expect(losses?.[1]).toBeCloseTo(Math.log1p(Math.exp(-logit)) + lognormal, 4);
  });
});

describe('strategies', () => {
  const changedBy = async (spec: ModelSpec): Promise<string[]> => {
    const before = freshWeights(spec);
    const { state } = await train(engine, spec, before, 3);
    return Object.keys(modelShapes(spec)).filter((name) => before[name]?.data.some((x, i) => x !== state[name]?.[i]));
  };

  const ofNumbers = (name: string): boolean => name.startsWith('head.numbers.');

  it('FULL changes every weight but those that the numbers alone have trained', async () => {
    const all = Object.keys(modelShapes(tinyModel)).filter((name) => !ofNumbers(name));
    expect((await changedBy(tinyModel)).sort()).toEqual(all.sort());
  });

  it('HEAD changes numeric tokens and head, and nothing else', async () => {
    const changed = await changedBy({ ...tinyModel, strategy: 'HEAD' });
    expect(changed.sort()).toEqual([
      'head.delta.bias',
      'head.delta.weight',
      'head.dense.bias',
      'head.dense.weight',
      'numeric.bias',
      'numeric.weight',
    ]);
  });

  it('LORA changes what it added, and nothing of the encoder', async () => {
    const spec: ModelSpec = { ...tinyModel, strategy: 'LORA' };
    expect((await changedBy(spec)).sort()).toEqual(
      Object.keys(addedShapes(spec))
        .filter((name) => !ofNumbers(name))
        .sort(),
    );
    expect(trainableWeights(spec)).toContain('lora.encoder.layer.1.attention.self.value.B');
  });

  it('merged adapters answer like separate ones', async () => {
    const spec: ModelSpec = { ...tinyModel, strategy: 'LORA' };
    const weights = randomWeights(spec);
    const merged = mergeLora(spec, weights);
    expect(Object.keys(merged.weights).some((name) => name.startsWith('lora.'))).toBe(false);
    const separate = await run(engine, forwardProgram(spec, tinyShape), { ...weights, ...tinyBatch() });
    const together = await run(engine, forwardProgram(merged.spec, tinyShape), { ...merged.weights, ...tinyBatch() });
    expect(distance(together.output, separate.output as number[])).toBeLessThan(1e-5);
    const without = await run(engine, forwardProgram(tinyModel, tinyShape), { ...weights, ...tinyBatch() });
    expect(Math.abs((without.output?.[0] as number) - (separate.output?.[0] as number))).toBeGreaterThan(1e-3);
  });
});
