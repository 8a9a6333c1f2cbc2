import { describe, expect, it } from 'vitest';
import {
  areaUnderCurve,
  deletionPath,
  estimate,
  everyone,
  infidelity,
  insertionPath,
  median,
  orderByAmount,
  quantile,
  randomRemoval,
  sensitivityMax,
  shapleyValues,
} from '../../../../bench/quality/explain/metrics.js';
import { randomise } from '../../../../bench/quality/explain/randomised-weights.js';
import type { HostWeights } from '../../../../src/ml/model/weights.js';
import { Random } from '../../../../src/random.js';

describe('Shapley values', () => {
  it('give every player of an additive game its own value', () => {
    const own = [3, -2, 0.5, 7];
    const value = (coalition: number) =>
      own.reduce((sum, amount, player) => (coalition & (1 << player) ? sum + amount : sum), 10);
    for (const [player, share] of shapleyValues(4, value).entries()) expect(share).toBeCloseTo(own[player]!, 12);
  });

  it('are those of the glove game: one left glove, two right ones', () => {
    const pairs = (coalition: number) => (coalition & 1 && coalition & 0b110 ? 1 : 0);
    const [left, ...right] = shapleyValues(3, pairs);
    expect(left).toBeCloseTo(2 / 3, 12);
    for (const share of right) expect(share).toBeCloseTo(1 / 6, 12);
  });

  it('add up to what everybody together is worth, whatever the game', () => {
    const random = new Random(1);
    const values = Array.from({ length: 1 << 6 }, () => random.normal());
    const shares = shapleyValues(6, (coalition) => values[coalition]!);
    const sum = shares.reduce((total, share) => total + share, 0);
    expect(sum).toBeCloseTo(values[everyone(6)]! - values[0]!, 12);
  });
});

describe('removal and addition', () => {
  it('go from all to none and from none to all, one player at a time', () => {
    expect(deletionPath([2, 0, 1])).toEqual([0b111, 0b011, 0b010, 0]);
    expect(insertionPath([2, 0, 1])).toEqual([0, 0b100, 0b101, 0b111]);
    expect(orderByAmount([1, -5, 4])).toEqual([2, 0, 1]);
  });

  it('is measured by the area under the curve', () => {
    expect(areaUnderCurve([1, 1, 1])).toBe(1);
    expect(areaUnderCurve([0, 1])).toBe(0.5);
    expect(areaUnderCurve([1, 0, 0])).toBe(0.25);
  });

  it('removes somebody, every player about as often as not', () => {
    const random = new Random(2);
    const removals = Array.from({ length: 4_000 }, () => randomRemoval(4, random));
    expect(removals).not.toContain(0);
    for (let player = 0; player < 4; player++) {
      const share = removals.filter((removed) => removed & (1 << player)).length / removals.length;
      // 8 of the 15 sets that are not empty.
      expect(share).toBeGreaterThan(8 / 15 - 0.03);
      expect(share).toBeLessThan(8 / 15 + 0.03);
    }
  });
});

describe('infidelity', () => {
  it('is 0 where removals take what was attributed, and 1, relatively, where nothing was', () => {
    expect(infidelity([{ attributed: 2, drop: 2 }]).value).toBe(0);
    expect(
      infidelity([
        { attributed: 0, drop: 3 },
        { attributed: 0, drop: -1 },
      ]),
    ).toEqual({ value: 5, relative: 1 });
  });
});

describe('sensitivity', () => {
  it('is the largest relative change', () => {
    expect(sensitivityMax([3, 4], [[3, 4], [3, 5], [0, 4]])).toBeCloseTo(0.6, 12); // prettier-ignore
    expect(sensitivityMax([0, 0], [[1, 1]])).toBe(0);
  });
});

describe('estimates', () => {
  it('come with an interval that narrows as customers are added', () => {
    const random = new Random(3);
    const draw = (count: number) => Array.from({ length: count }, () => random.normal(5, 2));
    const [few, many] = [estimate(draw(50), 's'), estimate(draw(1_000), 's')];
    expect(many.lower).toBeLessThan(5);
    expect(many.upper).toBeGreaterThan(5);
    expect(many.upper - many.lower).toBeLessThan((few.upper - few.lower) / 2);
    expect(estimate([1, 2, 100], 's', median).value).toBe(2);
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
  });
});

describe('randomised weights', () => {
  const tensor = (from: number) => ({
    shape: [50],
    dtype: 'float32' as const,
    data: Float32Array.from({ length: 50 }, (_, i) => from + i),
  });
  const weights: HostWeights = {
    'embeddings.word_embeddings.weight': tensor(0),
    'encoder.layer.0.output.dense.weight': tensor(100),
    'encoder.layer.1.output.dense.weight': tensor(200),
    'head.delta.weight': tensor(300),
  };
  const changed = (part: Parameters<typeof randomise>[1]) =>
    Object.entries(randomise(weights, part, 2)).map(([name, { data }]) => {
      expect([...data].toSorted((a, b) => a - b)).toEqual([...weights[name]!.data]);
      return data.some((value, i) => value !== weights[name]!.data[i]);
    });

  it('lose their order from the head down and keep their values', () => {
    expect(changed('head')).toEqual([false, false, false, true]);
    expect(changed('head and upper half of the encoder')).toEqual([false, false, true, true]);
    expect(changed('everything')).toEqual([true, true, true, true]);
  });
});
