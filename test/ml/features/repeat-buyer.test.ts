import { beforeAll, describe, expect, it } from 'vitest';
import { computeFeatures } from '../../../src/ml/features/compute-features.js';
import { featureValue } from '../../../src/ml/features/feature-definitions.js';
import { rfmOf } from '../../../src/ml/features/rfm.js';
import { named, useTestShop } from '../../support/shop.js';

const asOf = new Date('2024-07-01T00:00Z');

/** Three purchase days and a return in the first half of 2024; every figure below is worked out by hand. */
describe('features of a repeat buyer', () => {
  const shop = useTestShop();
  let features: Record<string, number | null>;
  beforeAll(async () => {
    const customer = await shop.customer('c');
    // 1 January, two orders: one occasion of 20.
    await shop.order({ customer, at: '2024-01-01T09:00Z', total: 12, items: 2 });
    await shop.order({ customer, at: '2024-01-01T18:00Z', total: 8, items: 1 });
    // 10 February, 40 days later: 30. Ten days later 5 of it come back, which is no occasion.
    await shop.order({ customer, at: '2024-02-10T12:00Z', total: 30, items: 1 });
    await shop.order({ customer, at: '2024-02-20T12:00Z', total: -5, items: -1 });
    // 11 June, 122 days after the second: 60.
    await shop.order({ customer, at: '2024-06-11T23:59:59Z', total: 60, items: 2 });
    // The as-of day itself is the future.
    await shop.order({ customer, at: '2024-07-01T00:00Z', total: 999, items: 9 });
    await shop.refresh();
    const rows = await computeFeatures(shop.dataSource, { asOf });
    features = named(rows[0]!);
  });

  it('has the inputs of the prior: x, t_x, T, m and the first value', () => {
    // From 1 January: 31 + 29 + 31 + 30 + 31 + 10 = 162 days to 11 June, 182 to 1 July. (30 + 60) / 2 = 45.
    expect(features).toMatchObject({
      repeat_days: 2,
      recency_span_days: 162,
      age_days: 182,
      repeat_mean_value: 45,
      first_occasion_value: 20,
      days_since_last: 20,
    });
  });

  it('hands them to the prior', async () => {
    const [row] = await computeFeatures(shop.dataSource, { asOf });
    const [deviation, mean] = ['gap_std_days', 'gap_mean_days'].map((name) => featureValue(row!.features, name)!);
    const gapVariation = deviation! / mean!;
    const rfm = { frequency: 2, recency: 162, age: 182, monetary: 45, firstValue: 20, gapVariation };
    expect(rfmOf(row!.features)).toEqual(rfm);
  });

  it('adds up spend, returns subtracted', () => {
    expect(features).toMatchObject({
      total_spend: 105,
      mean_occasion_value: expect.closeTo(110 / 3, 12),
      max_occasion_value: 60,
      first_occasion_value: 20,
      last_occasion_value: 60,
      return_rate: expect.closeTo(5 / 110, 12),
      items_per_occasion: 2,
    });
  });

  it('looks back 30, 90, 180 and 365 days', () => {
    // 180 days before 1 July is 3 January: the first purchase is just out.
    expect(features).toMatchObject({
      spend_30: 60,
      spend_90: 60,
      spend_180: 85,
      spend_365: 105,
      occasions_30: 1,
      occasions_90: 1,
      occasions_180: 2,
      occasions_365: 3,
    });
  });

  it('knows trend and cadence', () => {
    // Halves of 91 days: 20 + 30 before 1 April, 60 after. Gaps of 40 and 122 days: mean 81, deviation 41 sqrt 2.
    expect(features).toMatchObject({
      spend_trend: expect.closeTo(10 / 110, 12),
      gap_mean_days: 81,
      gap_std_days: expect.closeTo(41 * Math.SQRT2, 12),
      recency_over_gap: expect.closeTo(20 / 81, 12),
    });
  });

  it('knows the time of year, and nothing of seasons that the customer has not lived through', () => {
    // 1 July is day 182 of the leap year, counted from 0.
    const angle = (2 * Math.PI * 182) / 365.25;
    expect(features).toMatchObject({
      season_sin: expect.closeTo(Math.sin(angle), 12),
      season_cos: expect.closeTo(Math.cos(angle), 12),
      season_share: null,
    });
  });

  it('calls missing what orders without lines and no events cannot tell', () => {
    expect(features).toMatchObject({
      products_per_occasion: null,
      distinct_products: null,
      reordered_share: null,
      category_diversity: null,
      days_since_event: null,
      review_stars: null,
      browse_90: 0,
      ticket_90: 0,
    });
  });
});
