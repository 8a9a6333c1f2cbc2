import { dayMs, startOfDay } from '../../days.js';
import { cents } from '../../math.js';
import type { Alteration, HypotheticalLine, HypotheticalOrder } from '../../ml/features/altered-features.js';

/** ONE_MORE_ORDER and ONE_LARGE_ORDER: within the last 30 days; at the usual value, and at twice that. */
export const whatIfChanges = ['ONE_MORE_ORDER', 'ONE_LARGE_ORDER', 'LONGER_SILENCE', 'RETURN_OF_LAST_ORDER'] as const;
export type WhatIfChange = (typeof whatIfChanges)[number];

/** The facts that a customer's standard changes are derived from. Money in currency. */
export interface WhatIfFacts {
  readonly customerId: string;
  /** Mean value of a purchase. */
  readonly usualValue: number;
  /** The last day without a purchase or return within the last 30 days, as midnight UTC; null where there is none. */
  readonly freeDay: Date | null;
  /** Whether anything was returned on the day of the last order or later: it may be part of that order. */
  readonly returnedSince: boolean;
  /** The last order with goods: its value and its lines. */
  readonly lastOrder: {
    readonly value: number;
    readonly itemCount: number;
    /** Empty where only totals are known. */
    readonly lines: readonly HypotheticalLine[];
  };
}

/** A change of one customer's facts. */
export interface CustomerChange {
  readonly change: WhatIfChange;
  /** Value of the order that is placed or returned, in currency; null where there is none. */
  readonly orderValue: number | null;
  readonly alteration: Alteration;
}

/** Days by which the time since the last purchase is longer. */
export const silenceDays = 60;
const largeOrder = 2;
/** Noon: orders of a day are one purchase, so that the hour does not matter. */
const noonMs = dayMs / 2;

/** The standard changes that are possible for a customer, in the order of `whatIfChanges`. */
export function standardChanges(facts: WhatIfFacts, asOf: Date): CustomerChange[] {
  return [
    ...repeatedOrder('ONE_MORE_ORDER', facts, facts.usualValue),
    ...repeatedOrder('ONE_LARGE_ORDER', facts, facts.usualValue * largeOrder),
    { change: 'LONGER_SILENCE', orderValue: null, alteration: { orders: [], movedBackDays: silenceDays } },
    ...returnedOrder(facts, asOf),
  ];
}

/** The last order is placed again, with prices that give it the value. */
function repeatedOrder(change: WhatIfChange, facts: WhatIfFacts, value: number): CustomerChange[] {
  const { customerId, freeDay, lastOrder } = facts;
  if (!freeDay) return [];
  const factor = value / lastOrder.value;
  const order: HypotheticalOrder = {
    customerId,
    placedAt: new Date(freeDay.getTime() + noonMs),
    total: toMoney(value),
    itemCount: lastOrder.itemCount,
    lines: lastOrder.lines.map((line) => ({ ...line, unitPrice: toMoney(line.unitPrice * factor) })),
  };
  return [{ change, orderValue: cents(value), alteration: { orders: [order], movedBackDays: 0 } }];
}

/** The whole last order is returned on the day before the as-of date, unless any part of it may have been returned already. */
function returnedOrder({ customerId, lastOrder, returnedSince }: WhatIfFacts, asOf: Date): CustomerChange[] {
  if (returnedSince) return [];
  const today = startOfDay(asOf).getTime();
  const order: HypotheticalOrder = {
    customerId,
    placedAt: new Date(today - noonMs),
    total: -toMoney(lastOrder.value),
    itemCount: -lastOrder.itemCount,
    lines: lastOrder.lines.map((line) => ({ ...line, quantity: -line.quantity })),
  };
  const alteration = { orders: [order], movedBackDays: 0 };
  return [{ change: 'RETURN_OF_LAST_ORDER', orderValue: cents(lastOrder.value), alteration }];
}

/** Rounded to the precision of money in the tables. */
const toMoney = (amount: number): number => Math.round(amount * 10_000) / 10_000;
