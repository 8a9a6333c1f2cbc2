import { describe, expect, it } from 'vitest';
import { dayMs } from '../../../../../src/days.js';
import { fitPrior } from '../../../../../src/ml/features/prior/fit-prior.js';
import { fitYearly } from '../../../../../src/ml/features/prior/yearly/fit-yearly.js';
import { fitWithCovariates } from '../../../../../src/ml/features/prior/covariates/fit-with-covariates.js';
import { learnPriorForm } from '../../../../../src/ml/features/prior/learn-prior-form.js';
import { learnYears } from '../../../../../src/ml/features/prior/yearly/learn-years.js';
import { predictPrior, predictPriorBatch } from '../../../../../src/ml/features/prior/predict-prior.js';
import { predictYearly } from '../../../../../src/ml/features/prior/yearly/predict-yearly.js';
import { coursesOf } from '../../../../../src/ml/features/prior/yearly/yearly-courses.js';
import { type RfmSummary, toRfmColumns } from '../../../../../src/ml/features/prior/rfm-summary.js';
import type { RepeatPurchases } from '../../../../../src/ml/features/repeat-purchases.js';
import { type YearlyHistory, yearlyHistory } from '../../../../../src/ml/features/prior/yearly/yearly-history.js';
import { yearsAt } from '../../../../../src/ml/features/prior/yearly/yearly-clock.js';
import { addSlopes, weighCourses, yearlyModel } from '../../../../../src/ml/features/prior/yearly/yearly-model.js';
import { Random } from '../../../../../src/random.js';
import { donorChances, donorsAt, giftDays } from './donors.js';
import { CDNOW_PRIOR, fitted, simulateShop } from '../shops.js';

const parameters = {
  alpha: 1.2,
  beta: 0.7,
  gamma: 0.6,
  delta: 2.5,
  furtherShape: 0.3,
  furtherYears: 1.4,
  months: Array.from({ length: 12 }, () => 1 / 12),
  firstMonth: 0,
};
const order = ['alpha', 'beta', 'gamma', 'delta', 'furtherShape', 'furtherYears'] as const;

function logLikelihood(history: YearlyHistory, of = parameters): { log: number; gradient: Float64Array } {
  const model = yearlyModel(of, { years: history.present, purchases: history.purchases });
  const courses = coursesOf(history);
  const { log, shares } = weighCourses(model, courses, history.passed);
  const gradient = new Float64Array(6);
  courses.forEach((course, i) => addSlopes(model, course, history.passed, shares[i]!, gradient));
  return { log, gradient };
}

describe('the model of years', () => {
  it.each([
    ['at the end of a year, when nobody is still to be seen', 1 - 1e-9],
    ['in the course of a year', 0.4],
  ])('gives all histories together the probability 1: %s', (_, passed) => {
    const seen = { present: 3, firstPart: 0.4, passed };
    let total = 0;
    for (let last = 0; last <= seen.present; last++) {
      for (let purchases = last === 0 ? 0 : 1; purchases < 120; purchases++) {
        total += Math.exp(logLikelihood({ ...seen, last, purchases }).log);
      }
    }
    expect(total).toBeCloseTo(1, 6);
  });

  it.each([
    { purchases: 0, last: 0, present: 1, firstPart: 0.4, passed: 0.7 },
    { purchases: 3, last: 2, present: 4, firstPart: 0.4, passed: 0.3 },
    { purchases: 5, last: 3, present: 3, firstPart: 0.2, passed: 0.6 },
  ])('knows its gradient: %j', (history) => {
    const { gradient } = logLikelihood(history);
    order.forEach((name, i) => {
      const at = (step: number) => logLikelihood(history, { ...parameters, [name]: parameters[name] + step }).log;
      expect(gradient[i]).toBeCloseTo((at(1e-5) - at(-1e-5)) / 2e-5, 6);
    });
  });

  it.each([parameters, { ...parameters, furtherShape: 0.8, furtherYears: 0.6 }])(
    'expects as many by a later day whenever it is asked: $furtherShape further ones in $furtherYears years',
    (of) => {
      const dayOf = (date: string) => Date.parse(date) / dayMs;
      const first = dayOf('1998-07-15');
      // Of the years 1998 to 2000, a day on which the last purchase may have been.
      const lastDays = ['1998-07-15', '1999-06-15', '2000-01-01'].map(dayOf);
      const byTheEnd = (date: string): number => {
        const [asOf, now] = [new Date(date), dayOf(date)];
        let total = 0;
        for (const [last, day] of lastDays.entries()) {
          if (day >= now) continue;
          for (let frequency = last === 0 ? 0 : 1; frequency < 80; frequency++) {
            const customer = { frequency, recency: day - first, age: now - first };
            const history = { ...yearlyHistory(of, customer, asOf), last };
            const chance = Math.exp(logLikelihood(history, of).log);
            total +=
              chance * (frequency + predictYearly(of, customer, dayOf('2001-09-01') - now, asOf).expectedPurchases);
          }
        }
        return total;
      };
      const expected = byTheEnd('2000-01-01');
      for (const date of ['2000-03-01', '2000-07-01', '2000-12-01'])
        expect(byTheEnd(date) / expected).toBeCloseTo(1, 3);
    },
  );

  it('has years that begin with their first month, and pass by months of the calendar', () => {
    const months = [1, 1, 5, 5, 2, 2, 1, 1, 1, 1, 2, 2].map((purchases) => purchases / 24);
    const at = (firstMonth: number, date: string) => yearsAt({ months, firstMonth }, Date.parse(date) / dayMs);
    for (let year = 1960; year < 2060; year++) {
      expect(at(0, `${year}-01-01`)).toBe(year);
      expect(at(0, `${year}-12-31T12:00:00Z`)).toBeCloseTo(year + 1 - 1 / 12 / 62, 9);
      expect(at(7, `${year}-08-01`)).toBe(year);
      expect(at(7, `${year}-07-31T23:00:00Z`)).toBeLessThan(year);
      expect(at(7, `${year}-09-01`)).toBeCloseTo(year + 1 / 24, 10);
    }
    expect(at(0, '2020-02-29T12:00:00Z')).toBeCloseTo(2020 + 1 / 24 + (28.5 / 29) * (1 / 24), 10);
  });

  it('counts a gift on the last of December for the old year, also after a leap year and at any time of the day', () => {
    const asOf = new Date('2025-01-01');
    const first = Date.parse('2021-12-10') / dayMs;
    const chance = (lastGift: string, time = asOf) => {
      const age = Date.parse('2025-01-01') / dayMs - first;
      const customer = { frequency: 3, recency: Date.parse(lastGift) / dayMs - first, age };
      return predictYearly(parameters, customer, 365, time).purchaseProbability;
    };
    expect(chance('2024-12-31')).toBeGreaterThan(0.5);
    expect(chance('2024-12-31')).toBe(chance('2024-12-15'));
    expect(chance('2024-12-31', new Date('2025-01-01T18:00:00Z'))).toBe(chance('2024-12-31'));
  });
});

const shop = { firstYear: 1995, years: 10, cohorts: 4, donors: 3_000 };

describe('donors who give once a year', () => {
  const days = giftDays(shop, 'donors');

  it.each([
    ['1999-01-01', 1_095],
    ['2000-05-01', 730],
    ['2000-11-20', 365],
  ])('are told by likelihood, and predicted by how often and when last they gave: %s, %d days', (date, horizonDays) => {
    const asOf = new Date(date);
    const { columns, repeats, gifts } = donorsAt(days, asOf, horizonDays);
    const form = learnPriorForm({ columns, repeats, asOf });
    expect(form).toMatchObject({ yearly: { firstMonth: 0 }, pace: null, earlyGain: 0 });
    expect(learnPriorForm({ columns, repeats, asOf: new Date(`${date}T18:00Z`) })).toEqual(form);
    const { parameters: prior, warnings } = fitted(columns, { ...form, asOf });
    expect(warnings).not.toContain('NOT_CONVERGED');
    const { alpha, beta, gamma, delta } = prior.yearly!;
    const [gives, leaves] = [donorChances.gives, donorChances.leaves].map(([a, b]) => a / (a + b));
    expect(Math.abs(alpha / (alpha + beta) - gives!)).toBeLessThan(0.04);
    expect(Math.abs(gamma / (gamma + delta) - leaves!)).toBeLessThan(0.04);

    const predicted = predictPriorBatch(prior, columns, horizonDays, asOf);
    const cells = new Map<string, { count: number; expected: number; gifts: number; buyers: number; chance: number }>();
    gifts.forEach((given, i) => {
      const silentYears = Math.floor((columns.age[i]! - columns.recency[i]!) / 365.25);
      const key = `${columns.frequency[i]}/${silentYears}`;
      const cell = cells.get(key) ?? { count: 0, expected: 0, gifts: 0, buyers: 0, chance: 0 };
      cells.set(key, {
        count: cell.count + 1,
        expected: cell.expected + predicted.expectedPurchases[i]!,
        gifts: cell.gifts + given,
        buyers: cell.buyers + Math.min(given, 1),
        chance: cell.chance + predicted.purchaseProbability[i]!,
      });
    });
    const large = [...cells.values()].filter(({ count }) => count >= 100);
    expect(large.length).toBeGreaterThan(5);
    for (const { count, expected, gifts: given, buyers, chance } of large) {
      expect(Math.abs(expected - given) / count).toBeLessThan(0.25);
      expect(Math.abs(chance - buyers) / count).toBeLessThan(0.12);
    }
  });

  it('are predicted one by one as all together, whoever gives monthly too', () => {
    const asOf = new Date('2000-05-01');
    const { columns, repeats, gifts } = donorsAt(
      giftDays({ ...shop, donors: 1_500, monthly: true }, 'monthly'),
      asOf,
      730,
    );
    const form = learnPriorForm({ columns, repeats, asOf });
    expect(form.yearly?.firstMonth).toBe(0);
    const { parameters: prior } = fitted(columns, { ...form, asOf });
    const batch = predictPriorBatch(prior, columns, 730, asOf);
    const total = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value, 0);
    expect(total(batch.expectedPurchases) / total(gifts)).toBeCloseTo(1, 0);
    const { frequency, recency, age, monetary, firstValue } = columns;
    const oneByOne = Array.from({ length: 100 }, (_, i) => {
      const customer = {
        frequency: frequency[i]!,
        recency: recency[i]!,
        age: age[i]!,
        monetary: monetary[i]!,
        firstValue: firstValue[i]!,
      };
      return predictPrior(prior, customer, 730, asOf).expectedValue;
    });
    expect(oneByOne).toEqual([...batch.expectedValue.subarray(0, 100)]);
    expect(Math.min(...batch.purchaseProbability)).toBeGreaterThan(0);
    expect(Math.max(...batch.purchaseProbability)).toBeLessThan(1);
  });

  it('have years that begin with their busy months where any others would have many give twice in one', () => {
    const asOf = new Date('2001-01-01');
    const early = giftDays({ ...shop, donors: 1_000 }, 'early').map((own) =>
      own.map(fromTheOtherEnd).sort((a, b) => a - b),
    );
    const { columns, repeats } = donorsAt(early, asOf, 1);
    expect(learnYears(columns, repeats, asOf)!.parameters.firstMonth).toBe(0);
  });

  it('go on at their pace in the rest of a year in which they have bought, up to the end of the horizon', () => {
    const customer = { frequency: 3, recency: 800, age: 850 };
    const expected = (days: number) =>
      predictYearly(parameters, customer, days, new Date('2020-05-01')).expectedPurchases;
    const [may, mayAndJune] = [31, 61];
    expect(expected(mayAndJune) / expected(may)).toBeCloseTo(2, 9);
    expect(expected(may)).toBeLessThan(0.5);
  });

  it('may have yet to make the purchase that they make at any time of a year, though they have bought in it', () => {
    const random = new Random('twice');
    const often = { ...parameters, alpha: 3, beta: 1, gamma: 0.01, delta: 100, furtherShape: 20, furtherYears: 20 };
    const asOf = new Date('2020-06-01');
    const passed = yearsAt(often, asOf.getTime() / dayMs) - 2020;
    const first = Date.parse('2018-12-31') / dayMs;
    let [customers, expected, actual] = [0, 0, 0];
    for (let i = 0; i < 40_000; i++) {
      const [buys, rate] = [random.beta(3, 1), random.gamma(20, 20)];
      const days = [2019, 2020].flatMap((year) => {
        if (random.uniform() >= buys) return [];
        const times = [random.uniform()];
        for (let at = random.exponential(rate); at < 1; at += random.exponential(rate)) times.push(at);
        return times.map((at) => year + at);
      });
      const before = days.filter((at) => at < 2020 + passed);
      if (before.length === 0 || Math.max(...before) < 2020) continue;
      const dayAt = (at: number) => Date.UTC(2020, 0, 1) / dayMs + Math.floor((at - 2020) * 366);
      const recency = dayAt(Math.max(...before)) - first;
      const customer = { frequency: before.length, recency, age: asOf.getTime() / dayMs - first };
      customers++;
      expected += predictYearly(often, customer, 214, asOf).expectedPurchases;
      actual += days.filter((at) => at >= 2020 + passed).length;
    }
    expect(customers).toBeGreaterThan(5_000);
    expect(Math.abs(expected / actual - 1)).toBeLessThan(0.03);
  });

  it('have finite figures, however long they have been silent', () => {
    const prior = { ...CDNOW_PRIOR, yearly: { ...parameters, gamma: 50, delta: 0.1 } };
    for (const [frequency, recency] of [
      [0, 0],
      [400, 2_000],
    ] as const) {
      const customer = { frequency, recency, age: 80 * 365, monetary: 20, firstValue: 20 };
      const { purchaseProbability, aliveProbability, valueGivenPurchase } = predictPrior(
        prior,
        customer,
        1,
        new Date('2020-07-01'),
      );
      for (const figure of [purchaseProbability, aliveProbability, valueGivenPurchase]) {
        expect(figure).toBeGreaterThan(0);
        expect(figure).toBeLessThan(100);
      }
    }
  });

  it('are taken for typical ones where one year cannot tell those who left from those who paused', () => {
    const asOf = new Date('1997-01-01');
    const { columns } = donorsAt(giftDays({ ...shop, cohorts: 1 }, 'one cohort'), asOf, 1);
    const { alpha, beta, gamma, delta } = fitYearly(
      { months: parameters.months, firstMonth: 0 },
      columns,
      asOf,
    ).parameters;
    expect(Math.abs(alpha / (alpha + beta) - 0.62)).toBeLessThan(0.1);
    expect(Math.abs(gamma / (gamma + delta) - 0.19)).toBeLessThan(0.1);
  });

  it('are not told to an earlier window by what they did after it', () => {
    const [before, asOf] = [new Date('1999-01-01'), new Date('2000-01-01')];
    const stopped = days.slice(0, 300).map((gifts) => gifts.filter((day) => day < before.getTime() / dayMs));
    const window = donorsAt(stopped, before, 365);
    const priorOf = (all: number[][]) => {
      const { columns, repeats } = donorsAt(all, asOf, 1);
      const form = learnPriorForm({ columns, repeats, asOf });
      const alike = { ...form.yearly!, months: parameters.months, firstMonth: 0 };
      return fitted(window.columns, { ...form, yearly: alike, season: null, asOf: before }).parameters.yearly;
    };
    expect(priorOf(stopped)).toEqual(priorOf(days.slice(0, 300)));
  });

  it('keep their years where attributes are read', () => {
    const asOf = new Date('1999-01-01');
    const { columns, repeats } = donorsAt(days.slice(0, 800), asOf, 1);
    const form = { ...learnPriorForm({ columns, repeats, asOf }), asOf };
    const spans = Array.from(columns.frequency, (x) => [
      { group: 'covariates' as const, attribute: 'channel', text: x > 1 ? 'letter' : 'street' },
    ]);
    const told = { names: ['channel'], spans };
    const options = { meanOrderValue: 20, form };
    const { parameters, converged, warnings } = fitWithCovariates(columns, told, options);
    const plain = fitPrior(columns, options);
    expect(parameters.covariates?.channel?.letter?.pace).not.toBe(0);
    expect(parameters.yearly).toEqual(plain.parameters.yearly);
    expect({ converged, warnings }).toEqual({ converged: plain.converged, warnings: plain.warnings });
  });
});

describe('customers who buy at any time', () => {
  it.each([false, true])('are not told by years, leaving at first: %s', (leavesAtFirst) => {
    const asOf = new Date('2000-01-01');
    const slow = { ...CDNOW_PRIOR, r: 0.8, alpha: 40, leavesAtFirst };
    const columns = simulateShop(slow, 3_000, 1_400, new Random('rates'));
    const now = asOf.getTime() / dayMs;
    const repeats = Array.from(columns.age, (age, i) => {
      const [firstDay, x] = [now - age, columns.frequency[i]!];
      return Array.from({ length: x }, (_, k) => {
        return { firstDay, day: firstDay + Math.ceil((columns.recency[i]! * (k + 1)) / x), count: 1 };
      });
    }).flat();
    expect(learnPriorForm({ columns, repeats, asOf })).not.toHaveProperty('yearly');
  });

  it('are not told by years where accounts order all along, by contracts of a year, and the last days of a year are a holiday', () => {
    const asOf = new Date('2021-12-31');
    const { columns, repeats } = accounts(asOf.getTime() / dayMs, 3);
    expect(learnPriorForm({ columns, repeats, asOf })).not.toHaveProperty('yearly');
  });
});

/** Half of the accounts came in the first two months; after each year a third of them leaves. Nobody orders in a year's last ten days. */
function accounts(now: number, years: number) {
  const random = new Random('accounts');
  const rows: RfmSummary[] = [];
  const repeats: RepeatPurchases[] = [];
  for (let i = 0; i < 400; i++) {
    const came = Math.floor(random.uniform() * (i % 2 === 0 ? 60 : 365 * years));
    const gap = 14 * Math.exp(random.normal(0, 0.9));
    let end = came + 365;
    while (end < 365 * years && random.uniform() >= 0.3) end += 365;
    const days = new Set<number>();
    for (let day = came; day < Math.min(end, 365 * years); day += random.gamma(4, 4 / gap)) {
      if (day % 365 < 355) days.add(now - 365 * years + Math.floor(day));
    }
    const [first, ...later] = days;
    if (first === undefined) continue;
    const recency = (later.at(-1) ?? first) - first;
    rows.push({
      frequency: later.length,
      recency,
      age: now - first,
      monetary: later.length > 0 ? 10 : 0,
      firstValue: 10,
    });
    repeats.push(...later.map((day) => ({ firstDay: first, day, count: 1 })));
  }
  return { columns: toRfmColumns(rows), repeats };
}

/** The day that is as far from the beginning of its year as the given one is from the end. */
function fromTheOtherEnd(day: number): number {
  const year = new Date(day * dayMs).getUTCFullYear();
  return (Date.UTC(year, 0, 1) + Date.UTC(year, 11, 31)) / dayMs - day;
}
