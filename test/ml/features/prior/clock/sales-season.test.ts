import { describe, expect, it } from 'vitest';
import { learnPurchaseClock } from '../../../../../src/ml/features/prior/clock/learn-purchase-clock.js';
import { historyOf } from '../../../../../src/ml/features/prior/history.js';
import { learnSalesSeason } from '../../../../../src/ml/features/prior/clock/learn-sales-season.js';
import type { RepeatPurchases } from '../../../../../src/ml/features/repeat-purchases.js';
import type { RfmColumns } from '../../../../../src/ml/features/prior/rfm-summary.js';
import { Random } from '../../../../../src/random.js';

describe('the season of purchases', () => {
  const asOf = new Date('2012-01-01');
  const dayMs = 86_400_000;

  /** Poisson buyers with gamma rates, three times as active in November and December; nobody leaves. */
  function shop(customers: number, acquiredDays: number, { days = 730, boomDays = 0, until = asOf } = {}) {
    const random = new Random('seasonal shop');
    const rows = { frequency: [] as number[], recency: [] as number[], age: [] as number[] };
    const repeats: RepeatPurchases[] = [];
    for (let i = 0; i < customers; i++) {
      const isNew = boomDays > 0 && i >= customers / 5;
      const age = isNew
        ? boomDays - Math.floor(random.uniform() * boomDays)
        : days - Math.floor(random.uniform() * acquiredDays);
      const rate = -Math.log(1 - random.uniform()) / (isNew ? 20 : 60);
      let frequency = 0;
      let recency = 0;
      for (let day = 1; day < age; day++) {
        const date = new Date(until.getTime() - (age - day) * dayMs);
        const busy = boomDays === 0 && date.getUTCMonth() >= 10 ? 3 : 1;
        if (random.uniform() >= rate * busy) continue;
        frequency++;
        recency = day;
        const today = date.getTime() / dayMs;
        repeats.push({ firstDay: today - day, day: today, count: 1 });
      }
      rows.frequency.push(frequency);
      rows.recency.push(recency);
      rows.age.push(age);
    }
    const columns: RfmColumns = {
      frequency: Float64Array.from(rows.frequency),
      recency: Float64Array.from(rows.recency),
      age: Float64Array.from(rows.age),
      monetary: Float64Array.from(rows.frequency, (x) => (x > 0 ? 10 : 0)),
      firstValue: Float64Array.from(rows.frequency, () => 10),
    };
    return { columns, repeats };
  }

  it('is found in the purchases of a shop that has one', () => {
    const { columns, repeats } = shop(1_500, 700);
    const season = learnPurchaseClock({ columns, repeats, asOf }).season!;
    expect(learnPurchaseClock({ columns, repeats, asOf: new Date('2012-01-01T20:00Z') }).season).toEqual(season);
    const mean = (3 * 2 + 10) / 12;
    expect(season.reduce((sum, factor) => sum + factor, 0)).toBeCloseTo(12, 9);
    for (const month of [3, 5, 7]) expect(season[month]).toBeCloseTo(1 / mean, 0);
    expect((season[10]! + season[11]!) / 2 / ((season[3]! + season[5]! + season[7]!) / 3)).toBeGreaterThan(2.3);
  });

  it('is found, too, where the first order of a few customers is dated years before all others', () => {
    const { columns, repeats } = shop(1_500, 440, { days: 460 });
    const today = asOf.getTime() / dayMs;
    const strays = columns.age.map((age, i) => (i < 5 ? today - age : 0));
    const misdated: RfmColumns = {
      ...columns,
      frequency: columns.frequency.map((x, i) => (i < 5 ? x + 1 : x)),
      recency: columns.recency.map((days, i) => strays[i]! + days),
      age: columns.age.map((age, i) => strays[i]! + age),
    };
    const calendar = { season: null, pace: null };
    const season = learnSalesSeason(calendar, { columns, repeats, asOf })!;
    const told = learnSalesSeason(calendar, { columns: misdated, repeats, asOf });
    for (const [month, factor] of season.entries()) expect(told?.[month]).toBeCloseTo(factor, 1);
  });

  it('is told by whole months: a sale in the first days of one is no month that the years disagree on', () => {
    const { columns, repeats } = shop(1_500, 700);
    const calendar = { season: null, pace: null };
    const season = learnSalesSeason(calendar, { columns, repeats, asOf })!;
    const today = asOf.getTime() / dayMs;
    const buys = (i: number) => i % 4 === 0;
    const later: RfmColumns = {
      ...columns,
      frequency: columns.frequency.map((x, i) => (buys(i) ? x + 1 : x)),
      recency: columns.recency.map((days, i) => (buys(i) ? columns.age[i]! : days)),
      age: columns.age.map((days) => days + 2),
    };
    const sales = Array.from(
      columns.age.filter((_, i) => buys(i)),
      (age) => ({
        firstDay: today - age,
        day: today,
        count: 1,
      }),
    );
    const told = learnSalesSeason(calendar, {
      columns: later,
      repeats: [...repeats, ...sales],
      asOf: new Date('2012-01-03'),
    });
    for (const [month, factor] of season.entries()) expect(told?.[month]).toBeCloseTo(factor, 1);
  });

  it('is found over many years, too, where expectations are looked up', () => {
    const { columns, repeats } = shop(1_500, 1_400, { days: 1_460 });
    const season = learnPurchaseClock({ columns, repeats, asOf }).season!;
    expect((season[10]! + season[11]!) / 2 / ((season[3]! + season[5]! + season[7]!) / 3)).toBeGreaterThan(2.3);
  });

  it('is not read out of a boom in the last months', () => {
    for (const days of [600, 900]) {
      const { columns, repeats } = shop(2_000, days - 90, { days, boomDays: 90 });
      expect(learnPurchaseClock({ columns, repeats, asOf }).season).toBeNull();
    }
  });

  it('is found in the purchases of customers who all came at the same time, once two years were seen', () => {
    for (const days of [800, 1_200]) {
      const { columns, repeats } = shop(1_000, 60, { days });
      const season = learnPurchaseClock({ columns, repeats, asOf }).season!;
      expect((season[10]! + season[11]!) / 2 / ((season[3]! + season[5]! + season[7]!) / 3)).toBeGreaterThan(2.3);
    }
  });

  it('is found, too, on the last day of the three years since they came, when the last month is not over', () => {
    const until = new Date('2012-12-31');
    const { columns, repeats } = shop(1_000, 60, { days: 1_095, until });
    const season = learnPurchaseClock({ columns, repeats, asOf: until }).season!;
    expect((season[10]! + season[11]!) / 2 / ((season[3]! + season[5]! + season[7]!) / 3)).toBeGreaterThan(2.3);
  });

  it('is not looked for where they did and history is shorter, or where it is short', () => {
    const { columns, repeats } = shop(300, 60);
    expect(learnPurchaseClock({ columns, repeats, asOf }).season).toBeNull();
    const young = {
      ...columns,
      age: columns.age.map((days) => Math.min(days, 400)),
      recency: columns.recency.map(() => 0),
    };
    expect(learnPurchaseClock({ columns: young, repeats, asOf }).season).toBeNull();
  });

  it('is not looked for where a stray order alone lies long ago', () => {
    const { columns, repeats } = shop(1_500, 280, { days: 300 });
    const withStray: RfmColumns = {
      frequency: Float64Array.of(...columns.frequency, 0),
      recency: Float64Array.of(...columns.recency, 0),
      age: Float64Array.of(...columns.age, asOf.getTime() / dayMs),
      monetary: Float64Array.of(...columns.monetary, 0),
      firstValue: Float64Array.of(...columns.firstValue, 10),
    };
    expect(historyOf(withStray)).toBe(historyOf(columns));
    expect(learnPurchaseClock({ columns: withStray, repeats, asOf })).toEqual(
      learnPurchaseClock({ columns, repeats, asOf }),
    );
  });
});
