import { describe, expect, it } from 'vitest';
import { dayMs } from '../../../src/days.js';
import { featureDefinitions } from '../../../src/ml/features/feature-definitions.js';
import type { FeatureDefinition } from '../../../src/ml/features/feature-row.js';
import { fitScaler, isOutlier, type Scaler, standardise } from '../../../src/ml/features/scaler.js';
import { Random } from '../../../src/random.js';

const asOf = new Date('2024-07-01');
const definition = (name: string, overrides: Partial<FeatureDefinition> = {}): FeatureDefinition => ({
  name,
  label: name,
  group: 'spend',
  unit: 'money',
  transform: 'identity',
  missingToken: true,
  ...overrides,
});
const fitOne = (values: (number | null)[], overrides: Partial<FeatureDefinition> = {}) =>
  fitScaler(
    values.map((value) => ({ asOf, features: [value] })),
    [definition('value', overrides)],
    asOf,
  ).features[0]!;

describe('scaler', () => {
  it('standardises to mean 0 and deviation 1', () => {
    const feature = fitOne([2, 4, 4, 4, 5, 5, 7, 9]);
    // Of 8 values the 0.5 % quantile lies 0.035 of the way from 2 to 4, the 99.5 % one as far before 9.
    expect(feature).toMatchObject({ lower: expect.closeTo(2.07, 9), upper: expect.closeTo(8.93, 9), median: 4.5 });
    const values = [2, 4, 4, 4, 5, 5, 7, 9].map((value) => standardise(value, feature));
    expect(values.reduce((sum, z) => sum + z, 0)).toBeCloseTo(0, 9);
    expect(values.reduce((sum, z) => sum + z * z, 0) / 8).toBeCloseTo(1, 9);
  });

  it('winsorises at the 0.5 and 99.5 % quantiles of the training rows', () => {
    const feature = fitOne(Array.from({ length: 1001 }, (_, i) => i));
    expect(feature).toMatchObject({ lower: 5, upper: 995 });
    expect(standardise(5_000, feature)).toBe(standardise(995, feature));
    expect([4, 5, 995, 996, null].map((value) => isOutlier(value, feature))).toEqual([true, false, false, true, false]);
  });

  it('takes the mean of what it has winsorised', () => {
    expect(fitOne(Array.from({ length: 1_000 }, (_, i) => (i === 0 ? 1e9 : i % 10))).mean).toBeCloseTo(4.5, 1);
  });

  it('keeps the range of a feature that is nearly always the same', () => {
    const feature = fitOne([...Array.from({ length: 999 }, () => 0), 3]);
    expect(feature).toMatchObject({ lower: 0, upper: 3, used: true });
    // 3 would be 31 deviations; no token is larger than 5.
    expect(standardise(3, feature)).toBe(5);
  });

  it('imputes the median and says so', () => {
    const values = [1, 2, 10, null];
    const feature = fitOne(values);
    expect(feature).toMatchObject({ missingToken: true, median: 2 });
    const standardised = values.map((value) => standardise(value, feature));
    expect(standardised.reduce((sum, z) => sum + z, 0)).toBeCloseTo(0, 9);
    expect(standardised.reduce((sum, z) => sum + z * z, 0) / 4).toBeCloseTo(1, 9);
    expect(standardise(null, feature)).toBe(standardise(2, feature));
    expect(standardise(Number.NaN, feature)).toBe(standardise(2, feature));
    expect(fitOne([1, 2]).missingToken).toBe(false);
    expect(fitOne([1, null], { missingToken: false }).missingToken).toBe(false);
  });

  it('transforms before it scales', () => {
    const feature = fitOne([-99, 0, 99], { transform: 'signedLog1p' });
    expect(feature.median).toBe(0);
    expect(standardise(-99, feature)).toBeCloseTo(-standardise(99, feature), 12);
    expect(fitOne([0, Math.E - 1], { transform: 'log1p' }).mean).toBeCloseTo(0.5, 9);
  });

  it('does not use what never varies or is never known', () => {
    expect(fitOne([7, 7, 7])).toMatchObject({ used: false, missingToken: false });
    expect(fitOne([null, null])).toMatchObject({ used: false, missingToken: false });
    expect(standardise(123, fitOne([7, 7, 7]))).toBe(0);
    // What rounding makes of the mean of large amounts is no variation.
    expect(fitOne(Array.from({ length: 1_001 }, () => 1e9 + 0.1)).used).toBe(false);
  });

  it('uses the time of year only when the training windows have gone round the year', () => {
    const rows = (last: string) => [asOf, new Date(last)].map((date, index) => ({ asOf: date, features: [index] }));
    const seasons = (last: string, historyBegins = asOf): Scaler =>
      fitScaler(rows(last), [definition('season_sin')], historyBegins);
    expect(seasons('2025-01-01')).toMatchObject({ seasons: false, features: [{ used: false }] });
    expect(seasons('2025-06-01')).toMatchObject({ seasons: true, features: [{ used: true }] });
    // A window nearly a year ago, with a year before it or less.
    expect(seasons('2025-04-25', new Date(asOf.getTime() - 365 * dayMs))).toMatchObject({ seasons: true });
    expect(seasons('2025-04-25', new Date(asOf.getTime() - 364 * dayMs))).toMatchObject({ seasons: false });
  });

  it('refuses to be fitted on nothing', () => {
    expect(() => fitScaler([], featureDefinitions, asOf)).toThrow(/at least one training row/);
  });

  it('is finite and bounded for any input, and survives JSON', () => {
    const random = new Random(11);
    const extremes = [0, -0, 1, -1, 1e-300, 1e300, -1e300, Number.MAX_VALUE, Infinity, -Infinity, Number.NaN, null];
    const anyValue = (): number | null =>
      random.uniform() < 0.5 ? random.pick(extremes) : random.normal() * 10 ** (random.integer(40) - 20);
    for (let round = 0; round < 200; round++) {
      const transform = random.pick(['identity', 'log1p', 'signedLog1p'] as const);
      const feature = fitOne(Array.from({ length: 1 + random.integer(30) }, anyValue), { transform });
      expect(JSON.parse(JSON.stringify(feature))).toEqual(feature);
      for (let k = 0; k < 30; k++) {
        const value = anyValue();
        const z = standardise(value, feature);
        expect(Math.abs(z), `${transform} of ${value} with ${JSON.stringify(feature)}`).toBeLessThanOrEqual(5);
      }
    }
  });
});
