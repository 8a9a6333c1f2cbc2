import { describe, expect, it } from 'vitest';
import { computeFeatures } from '../../../src/ml/features/compute-features.js';
import { expectedNextOrderDate, rhythmOf } from '../../../src/services/customers/next-order-date.js';
import { findHistories } from '../../../src/services/customers/purchase-histories.js';
import { useScoredShop } from '../../support/scored-shop.js';

describe('the rhythm that features tell', () => {
  const shop = useScoredShop();

  it.each(['2025-07-01T00:00:00Z', '2025-03-09T15:30:00Z', '2024-06-01T00:00:00Z'])(
    'is that of the history of every customer, as of %s',
    async (day) => {
      const asOf = new Date(day);
      const rows = await computeFeatures(shop.dataSource, { asOf });
      const histories = await findHistories(
        shop.dataSource,
        rows.map(({ customerId }) => customerId),
        asOf,
      );
      expect(rows.length).toBeGreaterThan(100);
      for (const row of rows) {
        const { purchaseDays, lastDay, gapMeanDays, gapStdDays } = histories.get(row.customerId)!;
        expect(rhythmOf(row)).toEqual({ purchaseDays, lastDay, gapMeanDays, gapStdDays });
      }
    },
  );
});

describe('the date of the next order', () => {
  it.each([
    ['at a constant rate', null],
    ['by a rhythm', 30],
  ])('is that of the whole day, as of an instant within it, %s', (_, gapMeanDays) => {
    const regular = { purchaseDays: 9, lastDay: new Date('2025-05-17T00:00:00Z'), gapMeanDays, gapStdDays: 1 };
    const asOf = (instant: string) =>
      expectedNextOrderDate(
        { asOf: new Date(instant), horizonDays: 90, predictedOrders: 1, purchaseProbability: 0.5 },
        regular,
      );
    expect(asOf('2025-07-01T21:30:00Z')).toEqual(asOf('2025-07-01T00:00:00Z'));
  });

  it('is the same of a prediction and of what is stored of it', () => {
    const nobody = { purchaseDays: 1, lastDay: null, gapMeanDays: null, gapStdDays: null };
    const dateBy = (predictedOrders: number, purchaseProbability: number) =>
      expectedNextOrderDate(
        { asOf: new Date('2025-07-01T00:00:00Z'), horizonDays: 90, predictedOrders, purchaseProbability },
        nobody,
      );
    // Halfway, where a hair decides about the day; the second is what Postgres gives back of a `real`.
    const probability = 0.1234567890123;
    const stored = Number(Math.fround(probability).toPrecision(9));
    expect(dateBy(stored, stored)).toEqual(dateBy(probability, probability));
    expect(dateBy(probability * (1 + 1e-9), probability)).toEqual(dateBy(stored, stored));
  });
});
