import { describe, expect, it } from 'vitest';
import { adviceFor } from '../../../src/ml/training/advice.js';
import { type EvaluationReport, evaluate } from '../../../src/ml/training/evaluation.js';
import { gradeMeanings, gradeOf } from '../../../src/ml/training/grade.js';
import { sigmoid, sum } from '../../../src/math.js';
import { zilnMean } from '../../../src/ml/model/ziln-distribution.js';
import { Random } from '../../../src/random.js';

interface Columns {
  readonly actual: readonly number[];
  readonly model: readonly number[];
  readonly prior: readonly number[];
  readonly naive?: readonly number[];
}

/** The intervals hold every actual value. */
function report({ actual, model, prior, naive = prior }: Columns): EvaluationReport {
  const distribution = actual.map((value) => ({ logit: 0, mu: Math.log(value + 1e-3), sigma: 1 }));
  return evaluate({
    asOf: '2024-01-01T00:00:00.000Z',
    horizonDays: 90,
    actual,
    model: { expectedValue: model, distribution },
    prior: { expectedValue: prior, distribution },
    naiveRanks: { 'total spend': naive, reversed: actual.map((_, i) => -i) },
  });
}

const random = new Random(3);
/** Customers of whom half buy again, and predictions of them at the right level with noise of the given size. */
function customers(count: number) {
  const actual = Array.from({ length: count }, () => (random.uniform() < 0.5 ? 0 : random.gamma(1, 0.02)));
  const predicted = (noise: number) => actual.map((value) => value + random.normal(0, noise));
  return { actual, predicted };
}
/** Nothing but a grade and figures of held-out customers is known of a model. */
const unknown = { priorOnly: null, horizons: null, silentSince: null, realised: null };
const scaled = (values: readonly number[], factor: number) => values.map((value) => value * factor);
const codes = (of: EvaluationReport | null, known: Partial<Parameters<typeof adviceFor>[0]> = {}) =>
  adviceFor({ grade: of ? gradeOf(of) : 'E', validation: of, ...unknown, ...known }).map(({ code }) => code);

describe('an evaluation', () => {
  it('sets the model beside the prior and the better of the naive ranks', () => {
    const actual = [0, 0, 5, 20, 80];
    const columns = { actual, model: [1, 2, 8, 22, 70], prior: [2, 1, 8, 22, 70], naive: [1, 1, 1, 2, 3] };
    const { model, prior, naiveRank, lift } = report(columns);
    expect(naiveRank.name).toBe('total spend');
    expect(model.normalizedGini).toBeCloseTo(1, 10);
    expect(model.rmse).toBeCloseTo(Math.sqrt((1 + 4 + 9 + 4 + 100) / 5), 10);
    expect(prior.customers).toBe(5);
    expect(model.coverage95).toBeGreaterThanOrEqual(model.coverage80!);
    expect(lift).toMatchObject({ reference: 'prior', difference: expect.closeTo(0, 10) });
  });
});

describe('a grade', () => {
  const { actual, predicted } = customers(2_000);

  it('is A for a clearly better ranking at the right level, one worse when the level is certainly far off', () => {
    const [model, prior] = [predicted(10), predicted(60)];
    expect(gradeOf(report({ actual, model, prior }))).toBe('A');
    expect(gradeOf(report({ actual, model: scaled(model, 2), prior }))).toBe('B');
  });

  it('is C for the same ranking', () => {
    const model = predicted(30);
    expect(gradeOf(report({ actual, model, prior: model }))).toBe('C');
  });

  it('is D or E for a ranking that is certainly worse, by how much', () => {
    const prior = predicted(20);
    expect(gradeOf(report({ actual, model: predicted(22), prior }))).toBe('D');
    expect(gradeOf(report({ actual, model: predicted(200), prior }))).toBe('E');
  });

  it('is C where few held-out customers cannot tell a lift from chance, whichever way it points', () => {
    const few = customers(20);
    const atRightLevel = (values: readonly number[]) => scaled(values, sum(few.actual) / sum(values));
    const [good, bad] = [45, 50].map((noise) => atRightLevel(few.predicted(noise))) as [number[], number[]];
    const [better, worse] = [
      report({ actual: few.actual, model: good, prior: bad }),
      report({ actual: few.actual, model: bad, prior: good }),
    ];
    expect(Math.abs(better.lift!.difference)).toBeGreaterThan(0.01);
    expect(gradeOf(better)).toBe('C');
    expect(gradeOf(worse)).toBe('C');
    expect(codes(better)).toContain('TOO_FEW_HELD_OUT');
  });

  it('is E where nobody bought', () => {
    const nothing = report({ actual: [0, 0, 0], model: [1, 2, 3], prior: [3, 2, 1] });
    expect(nothing).toMatchObject({ lift: null, biasInterval: null });
    expect(gradeOf(nothing)).toBe('E');
    expect(codes(nothing)).toEqual(['DO_NOT_PROMOTE', 'NOTHING_TO_JUDGE_BY']);
  });

  const measured = report({ actual: [0, 0, 5, 20, 80], model: [1, 2, 8, 22, 70], prior: [2, 1, 8, 22, 70] });
  /** Of a lift that is certain, and a level. */
  const gradeAt = (
    difference: number,
    bias: number | null = 0,
    biasInterval: EvaluationReport['biasInterval'] = null,
  ) =>
    gradeOf({
      lift: { ...measured.lift!, difference, lower: difference - 1e-6, upper: difference + 1e-6 },
      model: { ...measured.model, bias },
      biasInterval: biasInterval ?? { lower: -0.1, upper: 0.1 },
    });

  it.each([
    [0.01, 'A'],
    [0.0099, 'B'],
    [0.002, 'B'],
    [0.0019, 'C'],
    [-0.005, 'C'],
    [-0.0051, 'D'],
    [-0.03, 'D'],
    [-0.0301, 'E'],
  ])('of a lift of %d that is certain is %s', (difference, grade) => expect(gradeAt(difference)).toBe(grade));

  it('is one worse, down to E, for a level that is too low, too, or that nobody knows', () => {
    const below = { lower: -0.5, upper: -0.1 };
    expect(gradeAt(0.02, -0.3, below)).toBe('A');
    expect(gradeAt(0.02, -0.31, below)).toBe('B');
    expect(gradeAt(-0.1, -0.31, below)).toBe('E');
    expect(gradeAt(0.02, -0.31, { lower: -0.7, upper: 0.1 })).toBe('A');
    expect(gradeAt(0.02, null)).toBe('B');
    expect(gradeOf({ ...measured, biasInterval: null })).toBe(gradeAt(measured.lift!.difference, null));
  });

  it('has a meaning each', () => {
    expect(Object.keys(gradeMeanings)).toEqual(['A', 'B', 'C', 'D', 'E']);
  });
});

describe('the advice', () => {
  const { actual, predicted } = customers(2_000);
  const [model, prior] = [predicted(10), predicted(60)];

  it('is none for a good model', () => {
    const tooWide = report({ actual, model, prior });
    expect(codes(tooWide)).toEqual(['INTERVALS_TOO_WIDE']);
    expect(codes({ ...tooWide, model: { ...tooWide.model, coverage80: 0.8 } })).toEqual([]);
    expect(codes({ ...tooWide, model: { ...tooWide.model, coverage80: 0.6 } })).toEqual(['INTERVALS_TOO_NARROW']);
  });

  it('says where two hundred held-out customers tell the lift too badly for a grade', () => {
    const small = report({ actual: [0, 0, 5, 20, 80], model: [1, 2, 8, 22, 70], prior: [2, 1, 8, 22, 70] });
    const known = {
      ...small,
      customers: 200,
      model: { ...small.model, bias: 0, coverage80: 0.8 },
      biasInterval: { lower: -0.1, upper: 0.1 },
    };
    const told = (lower: number, upper: number) => codes({ ...known, lift: { ...small.lift!, lower, upper } });
    expect(told(-0.04, 0.03)).toEqual(['TOO_FEW_HELD_OUT']);
    expect(told(-0.03, 0.02)).toEqual([]);
    // Certain all the same, whichever way.
    expect(told(0.01, 0.09)).toEqual([]);
    expect(told(-0.09, -0.01)).toEqual([]);
    const found = (held: number, lower: number) => {
      const validation = { ...known, customers: held, lift: { ...small.lift!, lower, upper: 0.03 } };
      const advice = adviceFor({ grade: 'C', validation, ...unknown });
      return advice.map(({ message }) => message);
    };
    expect(found(200, -0.05)).toEqual([
      expect.stringContaining('200 held-out customers show the lift only to within ±0.04 Gini'),
    ]);
    expect(found(20, 0.01)).toEqual([]);
    expect(found(19, 0.01)).toEqual([expect.stringContaining('fewer than 20 held-out customers (19)')]);
  });

  it('prefers a plain ranking only where it is better beyond chance, and names no prior as one', () => {
    const behind = report({ actual, model: predicted(30), prior, naive: model });
    const lift = behind.lift!;
    expect(codes({ ...behind, lift: { ...lift, upper: 0.001 } })).not.toContain('PLAIN_RANK_IS_BETTER');
    expect(codes({ ...behind, lift: { ...lift, reference: 'prior' } })).not.toContain('PLAIN_RANK_IS_BETTER');
  });

  it('says not to promote a model of grade D or E, and no better one', () => {
    const good = report({ actual, model, prior });
    const said = (['A', 'B', 'C', 'D', 'E'] as const).filter((grade) =>
      adviceFor({ grade, validation: good, ...unknown }).some(({ code }) => code === 'DO_NOT_PROMOTE'),
    );
    expect(said).toEqual(['D', 'E']);
  });

  it('does not say so of a level alone that is no farther off than that of the prior, which would answer instead', () => {
    const atLevels = (own: number, ofPrior: number) =>
      report({ actual, model: scaled(prior, own), prior: scaled(prior, ofPrior) });
    const [low, lower, right] = [atLevels(0.4, 0.3), atLevels(0.3, 0.4), atLevels(0.4, 1)] as const;
    expect([low, lower, right].map(gradeOf)).toEqual(['D', 'D', 'D']);
    expect(codes(low)).toEqual(expect.arrayContaining(['LEVEL_TOO_LOW']));
    expect(codes(low)).not.toContain('DO_NOT_PROMOTE');
    expect(codes(lower)).toContain('DO_NOT_PROMOTE');
    expect(codes(right)).toContain('DO_NOT_PROMOTE');
    const worse = report({ actual, model: scaled(prior, 0.4), prior: scaled(model, 0.3) });
    expect(codes({ ...worse, lift: { ...worse.lift!, difference: -0.004, upper: -0.001 } })).toContain(
      'DO_NOT_PROMOTE',
    );
  });

  it('says nothing of intervals whose coverage is not known', () => {
    const good = report({ actual, model, prior });
    expect(codes({ ...good, model: { ...good.model, coverage80: null } })).toEqual([]);
    const { expectedCoverage80: _, ...ofEarlierVersion } = { ...good.model, coverage80: 0.8 };
    expect(codes({ ...good, model: ofEarlierVersion })).toEqual([]);
  });

  it('says that one or a few held-out customers are too few, and nothing of their intervals', () => {
    for (const count of [1, 3]) {
      const few = { actual: actual.map((value) => value + 1).slice(0, count) };
      expect(codes(report({ ...few, model: few.actual, prior: few.actual }))).toEqual(['TOO_FEW_HELD_OUT']);
    }
  });

  it.each([
    [20, 0.6, []],
    [200, 0.6, ['INTERVALS_TOO_NARROW']],
    [20, 0.95, []],
    [28, 1, []],
    [200, 0.95, ['INTERVALS_TOO_WIDE']],
  ])('of the intervals of %d customers, of whom %d are inside, is not of chance', (held, coverage80, expected) => {
    const good = report({ actual, model, prior });
    expect(codes({ ...good, customers: held, model: { ...good.model, coverage80 } })).toEqual(expected);
  });

  it('knows that who will hardly buy has an interval of 0 to 0, which holds more than 80 %', () => {
    const drawn = new Random('lapsed');
    const distribution = Array.from({ length: 2_000 }, (_, i) => ({ logit: i < 1_400 ? -6 : 0, mu: 3, sigma: 1 }));
    const actual = distribution.map(({ logit, mu, sigma }) =>
      drawn.uniform() < sigmoid(logit) ? Math.exp(drawn.normal(mu, sigma)) : 0,
    );
    const expectedValue = distribution.map(zilnMean);
    const model = { expectedValue, distribution };
    const right = evaluate({
      asOf: '',
      horizonDays: 90,
      actual,
      model,
      prior: model,
      naiveRanks: { none: expectedValue },
    });
    expect(right.model.coverage80).toBeGreaterThan(0.9);
    expect(right.model.coverage80).toBeCloseTo(right.model.expectedCoverage80!, 1);
    expect(codes(right)).toEqual([]);
    expect(codes({ ...right, model: { ...right.model, coverage80: 0.82 } })).toEqual(['INTERVALS_TOO_NARROW']);
  });

  it('warns of a horizon that is far longer than any that was learnt', () => {
    const good = report({ actual, model, prior });
    const told = (asked: number) =>
      adviceFor({ grade: 'A', validation: good, ...unknown, horizons: { asked, learnt: 182 } })[0];
    expect(told(365)).toMatchObject({
      code: 'HORIZON_NOT_LEARNT',
      message: expect.stringContaining('ask for 182 days'),
    });
    expect(told(273)?.code).toBe('INTERVALS_TOO_WIDE');
  });

  it('asks for a retrain where the level of its forecasts has come out far off, beyond chance', () => {
    const good = { ...report({ actual, model, prior }), customers: 20 };
    const told = (bias: number | null, biasInterval: { lower: number; upper: number } | null) =>
      adviceFor({
        grade: 'A',
        validation: good,
        ...unknown,
        realised: { asOf: new Date('2026-03-01'), horizonDays: 30, bias, biasInterval },
      });
    expect(told(0.54, { lower: 0.3, upper: 0.8 })).toMatchObject([
      {
        code: 'REALISED_LEVEL_OFF',
        message: expect.stringContaining('as of 2026-03-01 for 30 days turned out 54 % too high in sum'),
      },
    ]);
    expect(told(-0.4, null)).toMatchObject([{ message: expect.stringContaining('40 % too low') }]);
    expect(told(-0.4, { lower: -0.6, upper: -0.2 })).toMatchObject([{ code: 'REALISED_LEVEL_OFF' }]);
    expect(told(0.54, { lower: -0.1, upper: 2 })).toEqual([]);
    expect(told(0.25, { lower: 0.2, upper: 0.3 })).toEqual([]);
    expect(told(null, null)).toEqual([]);
  });

  it('says of a model whose customers have all fallen silent that too much may be expected, also where nothing can judge it', () => {
    const good = { ...report({ actual, model, prior }), customers: 20 };
    const silent = { silentSince: '2025-03-30' };
    expect(codes(good, silent)).toEqual(['NOBODY_BOUGHT_LATELY']);
    expect(codes(null, silent)).toEqual(['DO_NOT_PROMOTE', 'NOBODY_BOUGHT_LATELY', 'NOTHING_TO_JUDGE_BY']);
    const [advice] = adviceFor({ grade: 'A', validation: good, ...unknown, ...silent });
    expect(advice?.message).toContain('since 2025-03-30');
  });

  it('names what is wrong, with figures', () => {
    const high = report({ actual, model: scaled(model, 2), prior });
    const [level] = adviceFor({
      grade: gradeOf(high),
      validation: high,
      ...unknown,
    });
    expect(level).toMatchObject({ code: 'LEVEL_TOO_HIGH', message: expect.stringMatching(/9\d|1\d\d %/) });
    expect(codes(report({ actual, model: scaled(model, 0.4), prior }))).toContain('LEVEL_TOO_LOW');
    expect(codes(report({ actual, model: prior, prior: model }))).toContain('DO_NOT_PROMOTE');
    const behindRank = report({ actual, model: predicted(30), prior, naive: model });
    expect(codes(behindRank)).toContain('PLAIN_RANK_IS_BETTER');
    expect(codes(report({ actual, model: prior, prior }), { priorOnly: 'TRAINING_DID_NOT_HELP' })).toContain(
      'PRIOR_SERVES',
    );
    expect(codes(null)).toEqual(['DO_NOT_PROMOTE', 'NOTHING_TO_JUDGE_BY']);
    // There may be no active model that could be kept.
    const [worst] = adviceFor({ grade: 'E', validation: null, ...unknown });
    expect(worst?.message).toMatch(/^Do not promote it\./);
  });
});
