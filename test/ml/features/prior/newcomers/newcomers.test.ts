import { describe, expect, it } from 'vitest';
import { dayMs } from '../../../../../src/days.js';
import {
  purchaseProbabilityIfAlive,
  purchasesLogLikelihood,
  silentProbability,
} from '../../../../../src/ml/features/prior/purchases/purchase-model.js';
import { toPurchaseRows } from '../../../../../src/ml/features/prior/purchases/purchase-rows.js';
import type { BtydPrior } from '../../../../../src/ml/features/prior/fit-prior.js';
import {
  fitWithNewcomers,
  logLikelihoodOf,
} from '../../../../../src/ml/features/prior/newcomers/fit-with-newcomers.js';
import { learnNewcomers } from '../../../../../src/ml/features/prior/newcomers/learn-newcomers.js';
import { learnPriorForm } from '../../../../../src/ml/features/prior/learn-prior-form.js';
import type { Newcomers } from '../../../../../src/ml/features/prior/newcomers/newcomers.js';
import { predictPrior, predictPriorBatch } from '../../../../../src/ml/features/prior/predict-prior.js';
import { toRfmColumns, type RfmSummary } from '../../../../../src/ml/features/prior/rfm-summary.js';
import type { RepeatPurchases } from '../../../../../src/ml/features/repeat-purchases.js';
import { tenureTime } from '../../../../../src/ml/features/prior/clock/tenure-clock.js';
import { yearlyHistory } from '../../../../../src/ml/features/prior/yearly/yearly-history.js';
import { coursesOf } from '../../../../../src/ml/features/prior/yearly/yearly-courses.js';
import { weighCourses, yearlyModel } from '../../../../../src/ml/features/prior/yearly/yearly-model.js';
import { Random } from '../../../../../src/random.js';
import { CDNOW_PRIOR, randomCustomer } from '../shops.js';

const asOf = new Date('2023-06-20');
const now = asOf.getTime() / dayMs;
const history = 900;
const horizon = 180;

interface Habits {
  /** Times the others' rate. */
  readonly pace: number;
  /** Share of those who may buy again at all. */
  readonly share: number;
  /** Days between two purchases of everybody; without it they come at random. */
  readonly everyDays?: number;
  /** Days that everybody stays, on average; without it they leave after purchases. */
  readonly staysDays?: number;
}

const newCustomer: RfmSummary = { frequency: 0, recency: 0, age: 0, monetary: 0, firstValue: 10 };
const asOthers: Habits = { pace: 1, share: 1 };

/** Customers who came evenly, and joiners of the last 90 days with habits of their own. */
const [evenly, joiners] = [2_400, 1_500];

function shop(newcomers: Habits, days = history) {
  const random = new Random('a boom of joiners');
  const rows: RfmSummary[] = [];
  const repeats: RepeatPurchases[] = [];
  const comebacks: RepeatPurchases[] = [];
  const next: number[] = [];
  for (let i = 0; i < evenly + joiners; i++) {
    const isJoiner = i >= evenly;
    const { pace, share, everyDays, staysDays } = isJoiner ? newcomers : { ...newcomers, pace: 1, share: 1 };
    const age = 1 + random.integer(isJoiner ? 90 : days);
    const rate = pace * random.gamma(1, 25);
    let alive = random.uniform() < share;
    const stays = staysDays ? random.exponential(random.gamma(2, staysDays)) : Infinity;
    let [frequency, recency, ahead] = [0, 0, 0];
    for (let day = 1; day < Math.min(age + horizon, stays) && alive; day++) {
      if (everyDays ? day % everyDays !== 0 : random.uniform() >= rate) continue;
      alive = staysDays !== undefined || random.uniform() >= 0.1;
      if (day >= age) {
        ahead++;
        continue;
      }
      frequency++;
      recency = day;
      const repeat = { firstDay: now - age, day: now - age + day, count: 1 };
      repeats.push(repeat);
      if (frequency === 1) comebacks.push(repeat);
    }
    rows.push({ frequency, recency, age, monetary: frequency > 0 ? 10 : 0, firstValue: 10 });
    next.push(ahead);
  }
  return { columns: toRfmColumns(rows), repeats, comebacks, next };
}

const joinersPace = 0.4;

/**
 * Customers who came evenly, those of the last 90 days at that pace, and as many comebacks as are expected.
 * @param back probability of one within so many days of the first purchase
 */
function slowJoiners(back: (pace: number, days: number) => number) {
  const daily = 30;
  const ages = Array.from({ length: 600 }, (_, day) => day + 1);
  const comebacks = ages.flatMap((age) => {
    const pace = age <= 90 ? joinersPace : 1;
    const firstDay = now - age;
    return Array.from({ length: age - 1 }, (_, day) => ({
      firstDay,
      day: firstDay + day + 1,
      count: daily * (back(pace, day + 1) - back(pace, day)),
    }));
  });
  const customers = ages.flatMap((age) => Array.from({ length: daily }, () => ({ ...newCustomer, age })));
  return { columns: toRfmColumns(customers), comebacks };
}

function fitOf({ columns, repeats, comebacks }: ReturnType<typeof shop>, tells = true): BtydPrior {
  const form = { ...learnPriorForm({ columns, repeats, asOf }), ...(!tells && { tellsNewcomers: false }), asOf };
  return fitWithNewcomers(columns, comebacks, { names: [], spans: [] }, { meanOrderValue: 10, form }).parameters;
}

/** Purchases that a prior expects of the joiners, over those that they made. */
function expectedOver(prior: BtydPrior, { columns, next }: ReturnType<typeof shop>): number {
  const { expectedPurchases } = predictPriorBatch(prior, columns, horizon, asOf);
  const ofJoiners = (values: ArrayLike<number>) =>
    Array.from(values)
      .slice(evenly)
      .reduce((sum, each) => sum + each, 0);
  return ofJoiners(expectedPurchases) / ofJoiners(next);
}

describe('customers who came lately', () => {
  it('are told apart where most of them never come back, and the others are as customers were before', () => {
    const boom = shop({ pace: 1, share: 0.25 });
    const prior = fitOf(boom);
    expect(prior.newcomers).toMatchObject({ since: now - 300, differ: 'SHARE' });
    for (const ratio of prior.newcomers!.ratios.slice(-3)) expect(Math.abs(ratio - 0.25)).toBeLessThan(0.15);
    expect(expectedOver(prior, boom)).toBeLessThan(1.25);
    expect(expectedOver(fitOf(boom, false), boom)).toBeGreaterThan(1.8);
  });

  it('are told apart where they buy at a slower pace', () => {
    const { newcomers } = fitOf(shop({ pace: 0.33, share: 1 }));
    expect(newcomers?.differ).toBe('PACE');
    for (const ratio of newcomers!.ratios.slice(-3)) expect(Math.abs(Math.log(ratio / 0.33))).toBeLessThan(0.5);
  });

  it('are told their pace where all buy more often at first, too', () => {
    for (const earlyGain of [0, 6]) {
      // Gamma rates, on the clock of the prior.
      const { columns, comebacks } = slowJoiners(
        (pace, days) => 1 - 1 / (1 + (pace * tenureTime({ earlyGain }, days)) / 60),
      );
      const clock = { season: null, pace: null, earlyGain };
      const { paces } = learnNewcomers(columns, comebacks, clock, asOf)!;
      for (const told of paces.slice(-3, -1)) expect(told).toBeCloseTo(joinersPace, 1);
    }
  });

  it('hide nothing of how often the others buy, and how long they stay, where customers leave with time', () => {
    const { columns, comebacks } = shop({ pace: 0.33, share: 1, staysDays: 120 });
    const clock = { season: null, pace: null, earlyGain: 0 };
    const kind = { leavesAtFirst: false, leavesWithTime: true, logNormalValues: false, tellsNewcomers: true };
    const options = { meanOrderValue: 10, form: { ...clock, ...kind, asOf } };
    const { parameters } = fitWithNewcomers(columns, comebacks, { names: [], spans: [] }, options);
    expect(parameters.newcomers?.differ).toBe('PACE');
    const { r, alpha, a, b } = parameters;
    expect(r / alpha / (7 / 25)).toBeGreaterThan(0.9);
    expect(b / a / (120 / 2 / 7)).toBeGreaterThan(0.85);
  });

  it('are told their pace where those who buy slowly leave no later', () => {
    const prior = { ...CDNOW_PRIOR, r: 1, alpha: 60 / 7, a: 2, b: 20, leavesWithTime: true };
    const { columns, comebacks } = slowJoiners((pace, days) =>
      purchaseProbabilityIfAlive({ ...prior, alpha: prior.alpha / pace }, 0, { age: 0, t: days / 7, slow: 0 }),
    );
    const clock = { season: null, pace: null, earlyGain: 0 };
    const { paces } = learnNewcomers(columns, comebacks, clock, asOf, { prior })!;
    for (const told of paces.slice(-3, -1)) expect(told).toBeCloseTo(joinersPace, 1);
  });

  it('are as the others where they are only more, where they buy faster, and where all buy once a month', () => {
    for (const habits of [{}, { pace: 2 }, { everyDays: 30 }]) {
      expect(fitOf(shop({ ...asOthers, ...habits }))).not.toHaveProperty('newcomers');
    }
  });

  it('are not told apart in the first 15 months, nor where the checked window was of these', () => {
    const young = shop({ pace: 1, share: 0.25 }, 440);
    expect(fitOf(young)).not.toHaveProperty('newcomers');
    const { columns, repeats } = shop({ pace: 1, share: 0.25 }, 600);
    const form = (checked: string) => learnPriorForm({ columns, repeats, asOf }, new Date(checked));
    expect(form('2023-06-20').tellsNewcomers).toBe(true);
    expect(form('2023-01-01').tellsNewcomers).toBe(false);
  });
});

describe('the prior of newcomers', () => {
  const newcomers = { since: now - 60, differ: 'PACE', ratios: [0.5, 0.25] } satisfies Newcomers;
  const customer = (age: number, frequency = 0): RfmSummary => ({
    frequency,
    recency: Math.min(frequency, age),
    age,
    monetary: 20,
    firstValue: 20,
  });

  it('has rates of so many times the others’', () => {
    for (const [age, ratio] of [
      [61, 1],
      [60, 0.5],
      [31, 0.5],
      [30, 0.25],
      [1, 0.25],
    ] as const) {
      const own = predictPrior({ ...CDNOW_PRIOR, newcomers }, customer(age, 1), 90, asOf);
      const atRate = predictPrior({ ...CDNOW_PRIOR, alpha: CDNOW_PRIOR.alpha / ratio }, customer(age, 1), 90, asOf);
      expect(own.expectedPurchases).toBeCloseTo(atRate.expectedPurchases, 10);
      expect(own.purchaseProbability).toBeCloseTo(atRate.purchaseProbability, 10);
    }
  });

  it('takes who comes after the last of them for one of these', () => {
    const later = new Date(asOf.getTime() + 100 * dayMs);
    const own = predictPrior({ ...CDNOW_PRIOR, newcomers }, customer(10), 90, later);
    const slower = predictPrior({ ...CDNOW_PRIOR, alpha: CDNOW_PRIOR.alpha / 0.25 }, customer(10), 90, later);
    expect(own.expectedPurchases).toBeCloseTo(slower.expectedPurchases, 10);
  });

  it.each([{}, { leavesAtFirst: true }, { leavesWithTime: true }])(
    'has the share of those who come back by Bayes’ rule: %o',
    (kind) => {
      const prior = { ...CDNOW_PRIOR, ...kind };
      const withShare = { ...prior, newcomers: { ...newcomers, differ: 'SHARE' } } satisfies BtydPrior;
      const alive = (of: BtydPrior, who: RfmSummary) => predictPrior(of, who, 90, asOf).aliveProbability;
      const rows = toPurchaseRows(toRfmColumns([customer(45)]), 7);
      const silent = Math.exp(purchasesLogLikelihood(prior, rows, new Float64Array(4)));
      expect(silentProbability(prior, { recency: 0, age: 45 / 7, slow: 0 })).toBeCloseTo(silent, 10);
      const expected = (0.5 * silent * alive(prior, customer(45))) / (0.5 + 0.5 * silent);
      expect(alive(withShare, customer(45))).toBeCloseTo(expected, 10);
      // Who has bought again is one who comes back, and who came before is one of the others.
      for (const other of [customer(45, 1), customer(90)]) {
        expect(alive(withShare, other)).toBeCloseTo(alive(prior, other), 10);
      }
    },
  );

  it('lets newcomers at another pace stay as long where customers leave with time', () => {
    const prior = { ...CDNOW_PRIOR, leavesWithTime: true, b: 12 };
    const own = predictPrior({ ...prior, newcomers }, customer(10, 1), 90, asOf);
    const slower = predictPrior({ ...prior, alpha: prior.alpha / 0.25 }, customer(10, 1), 90, asOf);
    expect(own.aliveProbability).toBeCloseTo(slower.aliveProbability, 10);
    expect(own.expectedPurchases).toBeCloseTo(slower.expectedPurchases, 10);
    const likelihood = (of: BtydPrior, ...customers: RfmSummary[]) =>
      logLikelihoodOf(of, toRfmColumns(customers), asOf);
    const those = [customer(10, 1), customer(10)];
    const apart =
      likelihood({ ...prior, alpha: prior.alpha / 0.25 }, ...those) +
      likelihood({ ...prior, alpha: prior.alpha / 0.5 }, customer(50));
    expect(likelihood({ ...prior, newcomers }, ...those, customer(50))).toBeCloseTo(apart, 8);
  });

  it('has that share where customers buy by years, too', () => {
    const chances = { alpha: 1, beta: 1, gamma: 0.7, delta: 3, furtherShape: 0.1, furtherYears: 1 };
    const yearly = { ...chances, months: Array.from({ length: 12 }, () => 1 / 12), firstMonth: 0 };
    const since = now - 600;
    const ahead = (share: number, frequency: number) =>
      predictPrior(
        { ...CDNOW_PRIOR, yearly, newcomers: { since, differ: 'SHARE', ratios: [share] } },
        { ...customer(500, frequency), recency: frequency > 0 ? 400 : 0 },
        365,
        asOf,
      );
    const history = yearlyHistory(yearly, { frequency: 0, recency: 0, age: 500 }, asOf);
    const model = yearlyModel(yearly, { years: history.present, purchases: 0 });
    const silent = Math.exp(weighCourses(model, coursesOf(history), history.passed).log);
    const asOthers = (0.3 * silent) / (0.7 + 0.3 * silent);
    for (const field of ['aliveProbability', 'purchaseProbability', 'expectedPurchases'] as const) {
      expect(ahead(0.3, 0)[field]).toBeCloseTo(asOthers * ahead(1, 0)[field], 10);
      expect(ahead(0.3, 1)[field]).toBeCloseTo(ahead(1, 1)[field], 10);
    }
  });

  it('says the same of many customers as of each', () => {
    const random = new Random('newcomers');
    const customers = Array.from({ length: 200 }, () => ({
      ...randomCustomer(random),
      age: 1 + random.integer(120),
    })).map((each) => ({ ...each, recency: each.frequency > 0 ? Math.min(each.age, 1 + random.integer(120)) : 0 }));
    for (const differ of ['PACE', 'SHARE'] as const) {
      const prior = { ...CDNOW_PRIOR, newcomers: { ...newcomers, differ } };
      const batch = predictPriorBatch(prior, toRfmColumns(customers), 90, asOf);
      customers.forEach((each, i) => {
        expect(batch.expectedValue[i]).toBeCloseTo(predictPrior(prior, each, 90, asOf).expectedValue, 8);
      });
    }
  });
});
