import { describe, expect, it } from 'vitest';
import { Random } from '../src/random.js';

const draws = 200_000;

function moments(draw: () => number): { mean: number; variance: number } {
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < draws; i++) {
    const value = draw();
    sum += value;
    squares += value * value;
  }
  return { mean: sum / draws, variance: squares / draws - (sum / draws) ** 2 };
}

describe('Random', () => {
  it('repeats itself for a seed and differs between seeds', () => {
    const first = Array.from(
      { length: 5 },
      (
        (random) => () =>
          random.uint32()
      )(new Random(7)),
    );
    const again = Array.from(
      { length: 5 },
      (
        (random) => () =>
          random.uint32()
      )(new Random('7')),
    );
    const other = Array.from(
      { length: 5 },
      (
        (random) => () =>
          random.uint32()
      )(new Random(8)),
    );
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  it('never changes its stream: saved seeds must give the same data years later', () => {
    const random = new Random(42);
    expect([random.uint32(), random.uint32(), random.uint32()]).toMatchInlineSnapshot(`
      [
        3713266048,
        3431352238,
        1775278330,
      ]
    `);
  });

  it('draws uniforms inside the open unit interval, in every tenth alike', () => {
    const random = new Random(1);
    const tenths = Array.from({ length: 10 }, () => 0);
    for (let i = 0; i < 100_000; i++) {
      const value = random.uniform();
      expect(value > 0 && value < 1).toBe(true);
      tenths[Math.floor(value * 10)]!++;
    }
    const chiSquare = tenths.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    expect(chiSquare).toBeLessThan(27.9); // 0.999 quantile, 9 degrees of freedom
  });

  it.each([
    ['normal', (r: Random) => r.normal(3, 2), 3, 4],
    ['exponential', (r: Random) => r.exponential(0.5), 2, 4],
    ['gamma, shape above 1', (r: Random) => r.gamma(4, 2), 2, 1],
    ['gamma, shape below 1', (r: Random) => r.gamma(0.25, 0.5), 0.5, 1],
    ['beta', (r: Random) => r.beta(2, 3), 0.4, 0.04],
    ['poisson, small mean', (r: Random) => r.poisson(2.5), 2.5, 2.5],
    ['poisson, large mean', (r: Random) => r.poisson(150), 150, 150],
  ])('%s has the mean and variance of its distribution', (_name, draw, mean, variance) => {
    const random = new Random(11);
    const sample = moments(() => draw(random));
    expect(Math.abs(sample.mean - mean)).toBeLessThan(5 * Math.sqrt(variance / draws));
    expect(sample.variance / variance).toBeCloseTo(1, 1);
  });

  it('shuffles without losing anything, typed arrays too', () => {
    const random = new Random(3);
    const shuffled = random.shuffle(Int32Array.from({ length: 100 }, (_, i) => i));
    expect([...shuffled]).not.toEqual([...shuffled].toSorted((a, b) => a - b));
    expect([...shuffled].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });

  it('picks as often as the weights say and never an item of weight 0', () => {
    const random = new Random(5);
    const counts = { a: 0, b: 0, c: 0 };
    for (let i = 0; i < 40_000; i++) counts[random.pick(['a', 'b', 'c'] as const, [1, 0, 3])]++;
    expect(counts.b).toBe(0);
    expect(counts.a / 40_000).toBeCloseTo(0.25, 1);
    expect(() => random.pick([])).toThrow(RangeError);
  });
});
