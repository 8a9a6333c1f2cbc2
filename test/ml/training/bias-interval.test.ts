import { describe, expect, it } from 'vitest';
import { biasInterval } from '../../../src/ml/training/bias-interval.js';
import { bias } from '../../../src/ml/training/metrics/regression.js';
import { Random } from '../../../src/random.js';

/** Predictions whose level is right: two of five customers buy, and spend a lognormal amount around what was expected. */
function rightLevel(random: Random, buyers: number) {
  const predicted = Array.from({ length: buyers * 2.5 }, () => Math.exp(random.normal()));
  const actual = predicted.map((value) =>
    random.uniform() < 0.4 ? (value / 0.4) * Math.exp(random.normal(-0.5, 1)) : 0,
  );
  return { actual, predicted };
}

/** Of how many in a hundred samples the level is off beyond chance, with predictions `times` as high as is right. */
function foundOff(buyers: number, times: number): number {
  const random = new Random(`${buyers} buyers`);
  const samples = 1_000;
  let found = 0;
  for (let sample = 0; sample < samples; sample++) {
    const { actual, predicted } = rightLevel(random, buyers);
    const scaled = predicted.map((value) => times * value);
    const interval = biasInterval(actual, scaled);
    if (interval && (interval.lower > 0 || interval.upper < 0)) found++;
  }
  return (100 * found) / samples;
}

describe('the interval of the bias', () => {
  it.each([[5], [30], [100]])('seldom misses a right level of heavy-tailed spend by %d buyers', (buyers) => {
    expect(foundOff(buyers, 1)).toBeLessThan(10);
  });

  it('still tells a wrong level', () => {
    expect(foundOff(100, 2)).toBeGreaterThan(80);
    expect(foundOff(100, 0.5)).toBeGreaterThan(80);
    expect(foundOff(30, 3)).toBeGreaterThan(75);
  });

  it('is as far from the bias in either direction, as a factor', () => {
    const { actual, predicted } = rightLevel(new Random('factor'), 200);
    const { lower, upper } = biasInterval(actual, predicted)!;
    const ratio = bias(actual, predicted)! + 1;
    expect((upper + 1) / ratio).toBeCloseTo(ratio / (lower + 1), 10);
  });

  it('narrows with the root of the customers', () => {
    const { actual, predicted } = rightLevel(new Random('root'), 200);
    const twentyTimes = (values: readonly number[]) => Array.from({ length: 20 }, () => values).flat();
    const width = ({ lower, upper }: { lower: number; upper: number }) => Math.log((upper + 1) / (lower + 1));
    const ratio =
      width(biasInterval(actual, predicted)!) / width(biasInterval(twentyTimes(actual), twentyTimes(predicted))!);
    expect(ratio / Math.sqrt(20)).toBeCloseTo(1, 1);
  });

  it('is wide, not undefined, where one customer spent all, or the others sent back more than they bought', () => {
    const predicted = Array.from({ length: 20 }, () => 50);
    for (const other of [0.001, -10]) {
      const actual = predicted.map((_, i) => (i === 0 ? 1_000 : i < 6 ? 0.001 : other));
      const { lower, upper } = biasInterval(actual, predicted)!;
      expect(lower).toBeLessThan(-0.5);
      expect(upper).toBeGreaterThan(10);
      expect(Number.isFinite(upper)).toBe(true);
    }
    expect(biasInterval([3, 4, 5, 6, 7], [0, 0, 0, 0, 0])).toEqual({ lower: -1, upper: -1 });
    expect(biasInterval([0, 0], [1, 1])).toBeNull();
    expect(biasInterval([5, -9], [1, 1])).toBeNull();
  });

  it('has bounds that are numbers where nearly as much was sent back as bought', () => {
    const actual = Array.from({ length: 2_000 }, (_, i) => (i === 0 ? 2 ** 40 + 1 : (i % 2 === 0 ? 1 : -1) * 2 ** 40));
    for (const predicted of [0, 50]) {
      const { lower, upper } = biasInterval(actual, Array<number>(2_000).fill(predicted))!;
      expect(lower).toBeGreaterThanOrEqual(-1);
      expect(upper).toBeGreaterThanOrEqual(lower);
      expect(Number.isFinite(upper)).toBe(true);
    }
  });

  it.each([
    ['above', 40, 200],
    ['below', 200, 40],
  ])('holds 0 with fewer than five buyers, be the predictions far %s', (_where, spent, predicted) => {
    const of = (buyers: number) =>
      biasInterval([...Array<number>(buyers).fill(spent), 0], Array<number>(buyers + 1).fill(predicted))!;
    expect(of(4).lower * of(4).upper).toBeLessThanOrEqual(0);
    expect(of(5).lower * of(5).upper).toBeGreaterThan(0);
  });
});
