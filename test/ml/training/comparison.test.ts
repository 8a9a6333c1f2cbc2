import { describe, expect, it } from 'vitest';
import { compareModels } from '../../../src/ml/training/comparison.js';
import { silentProgress } from '../../../src/progress.js';
import { Random } from '../../../src/random.js';

const random = new Random(9);
const actual = Array.from({ length: 200 }, () => (random.uniform() < 0.5 ? 0 : random.gamma(1, 0.02)));
const predictions = (noise: number) => {
  const expectedValue = actual.map((value) => Math.max(0, value + random.normal(0, noise)));
  return {
    expectedValue,
    distribution: expectedValue.map((value) => ({ logit: 0, mu: Math.log(value + 1), sigma: 1 })),
  };
};
const context = { progress: silentProgress, signal: new AbortController().signal };
const names = { a: 'Model 2', b: 'model 1' };

describe('a comparison of two models', () => {
  it('says which is better, with intervals that leave 0 out', async () => {
    const { verdict, sentence, differences, customers } = await compareModels(
      { actual, a: predictions(5), b: predictions(60), names },
      context,
    );
    expect([verdict, customers]).toEqual(['BETTER', 200]);
    const gini = differences.find(({ metric }) => metric === 'NORMALIZED_GINI')!;
    expect(gini).toMatchObject({ better: 'A', difference: expect.closeTo(gini.a! - gini.b!, 12) });
    expect(gini.lower).toBeGreaterThan(0);
    for (const name of ['RMSE', 'MAE', 'SPEARMAN']) {
      expect(differences.find(({ metric }) => metric === name)).toMatchObject({ better: 'A' });
    }
    expect(sentence).toMatch(
      /^Model 2 is better than model 1 on the same 200 customers: Gini 0\.9\d\d against 0\.\d+ /,
    );
  });

  it('is the other way round from the other side', async () => {
    const [a, b] = [predictions(5), predictions(60)];
    const there = await compareModels({ actual, a, b, names }, context);
    const back = await compareModels({ actual, a: b, b: a, names }, context);
    expect(back.verdict).toBe('WORSE');
    for (const [i, { difference, lower, upper }] of there.differences.entries()) {
      expect(back.differences[i]!.difference).toBeCloseTo(-difference!, 10);
      expect([-back.differences[i]!.lower!, -back.differences[i]!.upper!]).toEqual([
        expect.closeTo(upper!, 10),
        expect.closeTo(lower!, 10),
      ]);
    }
  });

  it('is not worse where chance explains the difference, or nobody would act on it', async () => {
    const a = predictions(30);
    expect((await compareModels({ actual, a, b: predictions(30), names }, context)).verdict).toBe('NOT_WORSE');
    const slightlyHigher = { ...a, expectedValue: a.expectedValue.map((value) => value * 1.001) };
    const { verdict, differences } = await compareModels({ actual, a: slightlyHigher, b: a, names }, context);
    expect(differences.find(({ metric }) => metric === 'ABSOLUTE_BIAS')?.better).not.toBeNull();
    expect(verdict).toBe('NOT_WORSE');
  });

  it('is worse at the wrong level, though the ranking is the same', async () => {
    const b = predictions(10);
    const a = { ...b, expectedValue: b.expectedValue.map((value) => value * 2) };
    const { verdict, differences } = await compareModels({ actual, a, b, names }, context);
    expect(verdict).toBe('WORSE');
    expect(differences[0]).toMatchObject({
      metric: 'NORMALIZED_GINI',
      difference: expect.closeTo(0, 10),
      better: null,
    });
  });

  const some = actual.slice(0, 60);
  const { distribution } = predictions(1);
  const of = (expectedValue: readonly number[]) => ({ expectedValue, distribution: distribution.slice(0, 60) });

  it('is worse at a fifth of the level, however well it ranks', async () => {
    const [a, b] = [of(some.map((value) => value / 5)), of(some.toReversed())];
    const { verdict, differences } = await compareModels({ actual: some, a, b, names }, context);
    const better = new Map(differences.map((difference) => [difference.metric, difference.better]));
    expect([better.get('NORMALIZED_GINI'), better.get('ABSOLUTE_BIAS'), verdict]).toEqual(['A', 'B', 'WORSE']);
  });

  it('is better by its error alone, in any currency', async () => {
    const spent = some.map((value) => value / 1e6);
    const mean = spent.reduce((sum, value) => sum + value, 0) / spent.length;
    const b = of(spent.map((value) => (value + mean) / 2));
    const { verdict, differences } = await compareModels({ actual: spent, a: of(spent), b, names }, context);
    expect(verdict).toBe('BETTER');
    expect(differences[0]).toMatchObject({ metric: 'NORMALIZED_GINI', difference: expect.closeTo(0, 10) });
  });

  it('is made of twenty customers, of whom five bought', async () => {
    const spent = Array.from({ length: 20 }, (_, i) => (i < 5 ? 5 : 0));
    const a = { expectedValue: spent.map(() => 1), distribution: predictions(1).distribution.slice(0, 20) };
    expect((await compareModels({ actual: spent, a, b: a, names }, context)).verdict).toBe('NOT_WORSE');
  });

  it('refuses too few customers, and too few who bought', async () => {
    const one = predictions(1);
    const few = (values: readonly number[]) => values.slice(0, 19);
    const short = { expectedValue: few(one.expectedValue), distribution: one.distribution.slice(0, 19) };
    const refused = compareModels({ actual: few(actual), a: short, b: short, names }, context);
    await expect(refused).rejects.toMatchObject({
      code: 'INSUFFICIENT_DATA',
      message: expect.stringContaining('Choose another date or a longer horizon.'),
    });
    const nobody = compareModels({ actual: actual.map(() => 0), a: one, b: one, names }, context);
    await expect(nobody).rejects.toMatchObject({ code: 'INSUFFICIENT_DATA' });
    const four = compareModels({ actual: actual.map((_, i) => (i < 4 ? 10 : 0)), a: one, b: one, names }, context);
    await expect(four).rejects.toThrow(/^Too few customers to compare models by: .*, 4 of whom bought/);
  });
});
