import { describe, expect, it } from 'vitest';
import { dayMs } from '../../../src/days.js';
import { computeFeatures } from '../../../src/ml/features/compute-features.js';
import { computeComebacks, computeRepeatPurchases } from '../../../src/ml/features/repeat-purchases.js';
import { named, textOf, useTestShop } from '../../support/shop.js';

const asOf = new Date('2024-07-01T00:00Z');

describe('what is counted in a span of days', () => {
  const shop = useTestShop();

  it('is the spend of the thirtieth day back, and not that of the day before', async () => {
    const customer = await shop.customer('edge');
    await shop.order({ customer, at: '2024-06-01T12:00Z', total: 7 });
    await shop.order({ customer, at: '2024-05-31T12:00Z', total: 5 });
    await shop.refresh();
    const [row] = await computeFeatures(shop.dataSource, { asOf, customerIds: [customer] });
    expect(named(row!)).toMatchObject({ spend_30: 7, occasions_30: 1, spend_90: 12 });
  });

  it('is in the recent half of the time since the first purchase from its middle on', async () => {
    const customer = await shop.customer('half');
    await shop.order({ customer, at: '2024-05-02', total: 10 });
    await shop.order({ customer, at: '2024-06-01', total: 30 });
    await shop.refresh();
    const trend = async (date: string) => {
      const [row] = await computeFeatures(shop.dataSource, { asOf: new Date(date), customerIds: [customer] });
      return named(row!)['spend_trend'];
    };
    expect([await trend('2024-07-01'), await trend('2024-07-02')]).toEqual([0.5, -1]);
  });

  it('is each day that leaves a few cents, and none on which all that was bought came back', async () => {
    const customer = await shop.customer('cents');
    for (const [at, total] of [
      ['2024-01-20', 0.3],
      ['2024-02-01', 0.4],
      ['2024-04-01', 0.6],
      ['2024-05-11', 0.5],
    ] as const) {
      await shop.order({ customer, at, total });
    }
    for (const at of ['2024-01-05', '2024-01-20', '2024-03-01', '2024-05-11', '2024-05-20']) {
      await shop.order({ customer, at, total: 10 });
      await shop.order({ customer, at, total: -10 });
    }
    await shop.refresh();
    const [row] = await computeFeatures(shop.dataSource, { asOf: new Date('2024-06-01'), customerIds: [customer] });
    expect(named(row!)).toMatchObject({
      repeat_days: 3,
      recency_span_days: 112,
      age_days: 133,
      days_since_last: 21,
      repeat_mean_value: 0.5,
      mean_occasion_value: 0.45,
      max_occasion_value: 0.6,
      first_occasion_value: 0.3,
      last_occasion_value: 0.5,
      total_spend: 1.8,
      occasions_90: 2,
      occasions_365: 4,
      spend_trend: expect.closeTo(0.4 / 1.8, 12),
      gap_mean_days: expect.closeTo(112 / 3, 12),
      gap_std_days: expect.closeTo(Math.sqrt((12 ** 2 + 60 ** 2 + 40 ** 2 - 112 ** 2 / 3) / 2), 12),
      return_rate: expect.closeTo(50 / 51.8, 12),
    });
    // The newest three.
    expect(textOf(row!)).toMatch(/ last time 2 items for 1[.] .*[.] earlier 2 months ago 1, 4 months ago 0[.]$/);
  });

  it('is the repeat purchases of each day before the as-of day, without the first and without returns', async () => {
    const customer = await shop.customer('month');
    for (const at of ['2024-05-02', '2024-06-10', '2024-06-30T23:59Z', '2024-07-01', '2024-07-09']) {
      await shop.order({ customer, at, total: 7 });
    }
    await shop.order({ customer, at: '2024-06-20', total: -7 });
    await shop.refresh();
    const day = (date: string) => new Date(date).getTime() / dayMs;
    const repeats = await computeRepeatPurchases(shop.dataSource, { asOf, customerIds: [customer] });
    expect(repeats.toSorted((a, b) => a.day - b.day)).toEqual([
      { firstDay: day('2024-05-02'), day: day('2024-06-10'), count: 1 },
      { firstDay: day('2024-05-02'), day: day('2024-06-30'), count: 1 },
    ]);
    expect(await computeComebacks(shop.dataSource, { asOf, customerIds: [customer] })).toEqual([
      { firstDay: day('2024-05-02'), day: day('2024-06-10'), count: 1 },
    ]);
  });
});
