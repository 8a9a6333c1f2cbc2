import { describe, expect, it } from 'vitest';
import { computeFeatures } from '../../../src/ml/features/compute-features.js';
import { named, useTestShop } from '../../support/shop.js';

describe('features of customers with one purchase or none', () => {
  const shop = useTestShop();

  it('has no cadence and no trend after one purchase, and a row only after the purchase day', async () => {
    const customer = await shop.customer('once');
    await shop.order({ customer, at: '2024-03-01T15:00Z', total: 40 });
    await shop.refresh();
    const at = (asOf: string) => computeFeatures(shop.dataSource, { asOf: new Date(asOf), customerIds: [customer] });
    expect(await at('2024-03-01T23:59:59Z')).toEqual([]);
    const [row] = await at('2024-03-02T00:00Z');
    expect(named(row!)).toMatchObject({
      repeat_days: 0,
      recency_span_days: 0,
      age_days: 1,
      repeat_mean_value: 0,
      days_since_last: 1,
      total_spend: 40,
      spend_trend: null,
      gap_mean_days: null,
      gap_std_days: null,
      recency_over_gap: null,
    });
    const [later] = await at('2025-06-01');
    const lately = { spend_30: 0, spend_365: 0, occasions_30: 0, occasions_365: 0 };
    expect(named(later!)).toMatchObject({ ...lately, total_spend: 40, repeat_mean_value: 0 });
  });

  it('gives no row to those who only returned, paid nothing or never ordered', async () => {
    const ids = [];
    for (const [name, total] of [['returned', -5] as const, ['free', 0] as const]) {
      const customer = await shop.customer(name);
      await shop.order({ customer, at: '2024-03-01', total });
      ids.push(customer);
    }
    ids.push(await shop.customer('silent'));
    await shop.refresh();
    expect(await computeFeatures(shop.dataSource, { asOf: new Date('2025-01-01'), customerIds: ids })).toEqual([]);
  });

  it('puts the share of spend in the coming season of last year, once it has been lived through', async () => {
    const customer = await shop.customer('seasonal');
    await shop.order({ customer, at: '2022-12-10', total: 10 });
    // The 91 days from 30 September 2024 on, 365 days earlier: 1 October to 30 December 2023; and so 2022.
    await shop.order({ customer, at: '2023-10-01', total: 30 });
    await shop.order({ customer, at: '2023-11-01', total: -4 });
    await shop.order({ customer, at: '2023-12-31', total: 7 });
    await shop.order({ customer, at: '2024-05-05', total: 53 });
    await shop.refresh();
    const [row] = await computeFeatures(shop.dataSource, {
      asOf: new Date('2024-09-30'),
      customerIds: [customer],
    });
    expect(named(row!)['season_share']).toBeCloseTo((10 + 30) / 100, 12);
  });
});
