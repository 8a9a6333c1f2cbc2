import { describe, expect, it } from 'vitest';
import { pairedBootstrap } from '../../../../src/ml/training/metrics/paired-bootstrap.js';
import { normalizedGini, spearman } from '../../../../src/ml/training/metrics/ranking.js';
import { meanAbsoluteError } from '../../../../src/ml/training/metrics/regression.js';
import { Random } from '../../../../src/random.js';

const random = new Random(2);
const actual = Array.from({ length: 2000 }, () => random.gamma(1, 0.1));
const noisy = (deviation: number) => actual.map((value) => value + random.normal(0, deviation));
const good = noisy(3);
const equallyGood = noisy(3);
const bad = noisy(30);

describe('pairedBootstrap', () => {
  it('is sure of a real difference and unsure of none', async () => {
    const real = await pairedBootstrap(normalizedGini, { a: good, b: bad, actual, draws: 200, seed: 1 });
    expect(real.lower).toBeGreaterThan(0);
    expect(real.difference).toBeCloseTo(normalizedGini(actual, good)! - normalizedGini(actual, bad)!, 12);
    const none = await pairedBootstrap(normalizedGini, { a: good, b: equallyGood, actual, draws: 200, seed: 1 });
    expect(none.lower).toBeLessThan(0);
    expect(none.upper).toBeGreaterThan(0);
  });

  it('has the width that theory gives for a mean', async () => {
    // The difference of two mean absolute errors is a mean over customers: 1.96 standard errors either way.
    const each = actual.map((value, i) => Math.abs(good[i]! - value) - Math.abs(bad[i]! - value));
    const mean = each.reduce((sum, value) => sum + value, 0) / each.length;
    const variance = each.reduce((sum, value) => sum + (value - mean) ** 2, 0) / each.length;
    const { lower, upper } = await pairedBootstrap(meanAbsoluteError, {
      a: good,
      b: bad,
      actual,
      draws: 2000,
      seed: 5,
    });
    expect((upper - lower) / (2 * 1.96 * Math.sqrt(variance / each.length))).toBeCloseTo(1, 1);
  });

  it('gives the same figures for the same seed', async () => {
    const [first, again, other] = await Promise.all(
      [7, 7, 8].map((seed) => pairedBootstrap(meanAbsoluteError, { a: good, b: bad, actual, draws: 50, seed })),
    );
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  it('stops when it is told to, and refuses an undefined metric', async () => {
    const signal = AbortSignal.abort();
    await expect(
      pairedBootstrap(meanAbsoluteError, { a: good, b: bad, actual, draws: 50, seed: 1 }, { signal }),
    ).rejects.toMatchObject({
      code: 'RUN_CANCELLED',
    });
    await expect(
      pairedBootstrap(normalizedGini, { a: [1, 2], b: [2, 1], actual: [0, 0], draws: 50, seed: 1 }),
    ).rejects.toMatchObject({
      code: 'INSUFFICIENT_DATA',
    });
    // Of one side alone.
    for (const [a, b] of [
      [
        [1, 1, 1],
        [1, 2, 3],
      ],
      [
        [1, 2, 3],
        [1, 1, 1],
      ],
    ] as const) {
      await expect(pairedBootstrap(spearman, { a, b, actual: [1, 2, 3], draws: 50, seed: 1 })).rejects.toMatchObject({
        code: 'INSUFFICIENT_DATA',
      });
    }
  });
});
