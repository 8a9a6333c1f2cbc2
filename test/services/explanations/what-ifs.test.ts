import { describe, expect, it } from 'vitest';
import { standardChanges, type WhatIfFacts } from '../../../src/services/explanations/what-ifs.js';

const asOf = new Date('2024-07-01T09:30:00Z');
const facts: WhatIfFacts = {
  customerId: '7',
  usualValue: 30,
  freeDay: new Date('2024-06-29T00:00:00Z'),
  returnedSince: false,
  lastOrder: {
    value: 60,
    itemCount: 3,
    lines: [
      { productId: '1', quantity: 2, unitPrice: 20 },
      { productId: null, quantity: 1, unitPrice: 20 },
    ],
  },
};
const worth = (lines: readonly { quantity: number; unitPrice: number }[]) =>
  lines.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice, 0);

describe('standard changes', () => {
  it('place one more order with the goods of the last one, at the usual value and at twice that', () => {
    const [one, large] = standardChanges(facts, asOf);
    for (const [change, value] of [
      [one!, 30],
      [large!, 60],
    ] as const) {
      const [order] = change.alteration.orders;
      expect(order).toMatchObject({ customerId: '7', total: value, itemCount: 3 });
      expect(order!.placedAt.toISOString()).toBe('2024-06-29T12:00:00.000Z');
      expect(worth(order!.lines)).toBeCloseTo(value, 6);
      expect(order!.lines.map(({ productId, quantity }) => [productId, quantity])).toEqual([
        ['1', 2],
        [null, 1],
      ]);
      expect(change.orderValue).toBe(value);
    }
  });

  it('return the last order the day before the as-of date', () => {
    const change = standardChanges(facts, asOf).at(-1)!;
    const [order] = change.alteration.orders;
    expect(change).toMatchObject({ change: 'RETURN_OF_LAST_ORDER', orderValue: 60 });
    expect(order).toMatchObject({ total: -60, itemCount: -3 });
    expect(order!.placedAt.toISOString()).toBe('2024-06-30T12:00:00.000Z');
    expect(worth(order!.lines)).toBe(-60);
  });

  it('leave out the return of an order of which some may have come back already', () => {
    const changes = standardChanges({ ...facts, returnedSince: true }, asOf);
    expect(changes.map(({ change }) => change)).toEqual(['ONE_MORE_ORDER', 'ONE_LARGE_ORDER', 'LONGER_SILENCE']);
  });

  it('leave out the order of one who bought on every day of the month', () => {
    const changes = standardChanges({ ...facts, freeDay: null }, asOf);
    expect(changes.map(({ change }) => change)).toEqual(['LONGER_SILENCE', 'RETURN_OF_LAST_ORDER']);
  });
});
