import { describe, expect, it } from 'vitest';
import { WeightAverage } from '../../../src/ml/training/weight-average.js';
import type { HostWeights } from '../../../src/ml/model/weights.js';

const weights = (...values: number[]): HostWeights => ({
  w: { shape: [values.length], dtype: 'float32', data: Float32Array.from(values) },
});

describe('the average of weights', () => {
  it('is what they are where they stay the same, from the first step on', () => {
    const average = new WeightAverage(50);
    average.add(weights(2, -3));
    expect(average.value(weights(0, 0))['w']!.data[1]).toBeCloseTo(-3, 5);
    for (let i = 0; i < 200; i++) average.add(weights(2, -3));
    const { data, shape } = average.value(weights(0, 0))['w']!;
    expect(shape).toEqual([2]);
    expect(data[0]).toBeCloseTo(2, 5);
    expect(data[1]).toBeCloseTo(-3, 5);
  });

  it('forgets: a step counts 1/e after as many steps as its memory', () => {
    const average = new WeightAverage(10);
    for (let i = 0; i < 500; i++) average.add(weights(0));
    for (let i = 0; i < 10; i++) average.add(weights(1));
    expect(average.value(weights(0))['w']!.data[0]).toBeCloseTo(1 - Math.exp(-1), 5);
  });

  it('is not changed by steps that follow', () => {
    const average = new WeightAverage(10);
    average.add(weights(1));
    const before = average.value(weights(0));
    average.add(weights(5));
    expect(before['w']!.data[0]).toBe(1);
  });
});
