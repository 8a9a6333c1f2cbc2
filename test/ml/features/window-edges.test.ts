import { describe, expect, it } from 'vitest';
import { dayMs } from '../../../src/days.js';
import { computeFeatures } from '../../../src/ml/features/compute-features.js';
import { computeComebacks, computeRepeatPurchases } from '../../../src/ml/features/repeat-purchases.js';
import { named, useTestShop } from '../../support/shop.js';

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
