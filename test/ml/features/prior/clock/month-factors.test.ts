import { describe, expect, it } from 'vitest';
import {
  agreedFactors,
  type MonthSeen,
  pooledFactors,
  withoutTrend,
} from '../../../../../src/ml/features/prior/clock/month-factors.js';

const flat = Array.from({ length: 12 }, () => 1);
/** So many months, the last of them a December, with what was expected and made of it. */
const history = (count: number, read: (month: number, monthsBack: number) => [actual: number, expected: number]) =>
  Array.from({ length: count }, (_, i): MonthSeen => {
    const monthsBack = count - 1 - i;
    const month = 11 - (monthsBack % 12);
    const [actual, expected] = read(month, monthsBack);
    return { month, actual, expected };
  });
/** November and December are twice as busy. */
const busy = (month: number) => (month >= 10 ? 2 : 1);

describe('the factors of months', () => {
  it('are those that all years show, whatever level each year has', () => {
    const factors = agreedFactors(
      flat,
      history(36, (month, back) => [(back < 12 ? 2 : 1) * 200 * busy(month), 200]),
    )!;
    expect(factors[10]! / factors[5]!).toBeCloseTo(2, 1);
    expect(factors[11]! / factors[2]!).toBeCloseTo(2, 1);
    expect(factors[3]! / factors[7]!).toBeCloseTo(1, 2);
  });

  it('are multiples of the season so far', () => {
    const known = flat.map((_, month) => busy(month));
    const factors = agreedFactors(
      known,
      history(36, (month) => [200 * busy(month), 200 * busy(month)]),
    )!;
    expect(factors[10]! / factors[5]!).toBeCloseTo(2, 1);
  });

  it('are none where a boom of one year makes its last months busy, though it outweighs all others', () => {
    const boom = history(30, (_, back) => (back < 3 ? [3_600, 2_000] : [50, 50]));
    expect(agreedFactors(flat, boom)).toBeNull();
    // Taken together, the largest year would decide.
    expect(pooledFactors(flat, boom)[11]).toBeGreaterThan(1.5);
  });

  it('are none where a trend makes the last months of each year less busy, once that is taken out', () => {
    const ageing = history(36, (_, back) => [2_000 * 1.03 ** back, 2_000]);
    expect(agreedFactors(flat, ageing)).not.toBeNull();
    const told = withoutTrend(ageing);
    for (const { actual, expected } of told) expect(actual / expected).toBeCloseTo(1, 1);
    expect(agreedFactors(flat, told)).toBeNull();
  });

  it('are none where a trend does so in less than two years, either, which the months seen twice tell', () => {
    const falling = history(18, (_, back) => [2_000 * 1.03 ** back, 2_000]);
    const told = withoutTrend(falling);
    for (const { actual, expected } of told) expect(actual / expected).toBeCloseTo(1, 1);
    expect(agreedFactors(flat, told)).toBeNull();
  });

  it('are the same with a trend or without, once that is taken out', () => {
    for (const months of [18, 24, 29, 36]) {
      const falling = history(months, (month, back) => [2_000 * busy(month) * 1.03 ** back, 2_000]);
      const factors = agreedFactors(flat, withoutTrend(falling))!;
      expect(factors[10]! / factors[5]!).toBeCloseTo(2, 1);
      expect(factors[11]! / factors[0]!).toBeCloseTo(2, 1);
    }
  });

  it('are none where months differ by chance only, or nothing was expected', () => {
    expect(
      agreedFactors(
        flat,
        history(36, (month, back) => [100 + (((month * 7 + back) % 5) - 2) * 8, 100]),
      ),
    ).toBeNull();
    expect(
      agreedFactors(
        flat,
        history(36, () => [0, 0]),
      ),
    ).toBeNull();
  });
});
