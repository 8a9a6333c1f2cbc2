import { describe, expect, it } from 'vitest';
import { billingDaysOf, type DayOfMonth } from '../../../src/ml/features/billing-days.js';

const months = (count: number, purchasesOf: (day: number, month: number) => number): DayOfMonth[] =>
  Array.from({ length: count * 31 }, (_, i) => ({ month: Math.floor(i / 31), day: 1 + (i % 31) }))
    .map(({ month, day }) => ({ month, day, purchases: purchasesOf(day, month) }))
    .filter(({ purchases }) => purchases > 0);

describe('billing days', () => {
  it('are those with far more than an even part of the purchases, month by month', () => {
    expect(billingDaysOf(months(12, (day) => (day === 15 || day === 1 ? 200 : 5)))).toEqual([1, 15]);
    expect(billingDaysOf(months(12, (day) => (day === 31 ? 40 : 0)))).toEqual([31]);
  });

  it('are none where purchases are even, or twice as many on pay-days', () => {
    expect(billingDaysOf(months(24, () => 50))).toEqual([]);
    expect(billingDaysOf(months(24, (day) => (day === 25 ? 100 : 50)))).toEqual([]);
  });

  it('are none where most purchases are on other days', () => {
    expect(billingDaysOf(months(12, (day) => (day === 1 ? 45 : 10)))).toEqual([]);
    expect(billingDaysOf(months(12, (day) => (day === 1 ? 145 : 10)))).toEqual([1]);
  });

  it('are none because of one day, or of a few purchases', () => {
    expect(billingDaysOf(months(5, (day, month) => (day === 24 && month === 3 ? 5_000 : 10)))).toEqual([]);
    expect(billingDaysOf(months(12, (day, month) => (day === 1 + month ? 300 : 10)))).toEqual([]);
    expect(billingDaysOf(months(12, (day) => (day === 7 || day === 20 ? 3 : 0)))).toEqual([]);
    expect(billingDaysOf(months(2, (day) => (day === 1 ? 500 : 1)))).toEqual([]);
    expect(billingDaysOf([])).toEqual([]);
  });
});
