import { dayMs, startOfDay } from '../../days.js';
import { cents } from '../../math.js';
import type { Alteration, HypotheticalLine, HypotheticalOrder } from '../../ml/features/altered-features.js';

/** ONE_MORE_ORDER and ONE_LARGE_ORDER: within the last 30 days; at the usual value, and at twice that. */
export const whatIfChanges = ['ONE_MORE_ORDER', 'ONE_LARGE_ORDER', 'LONGER_SILENCE', 'RETURN_OF_LAST_ORDER'] as const;
export type WhatIfChange = (typeof whatIfChanges)[number];

/** What the standard changes of a customer are made of. Money in currency. */
export interface WhatIfFacts {
  readonly customerId: string;
  /** Mean value of a purchase. */
  readonly usualValue: number;
  /** The newest of the last 30 days without a purchase or return, as midnight UTC; null where there is none. */
  readonly freeDay: Date | null;
  /** Whether anything came back on the day of the last order or later: it may be part of it. */
  readonly returnedSince: boolean;
  /** The last order with goods in it: what it was worth, and what it is made of. */
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

/** How much longer the silence is. */
export const silenceDays = 60;
const largeOrder = 2;
/** Orders of a day are one purchase, so the hour says nothing. */
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

/** What was bought last is bought once more, at prices that make it worth so much. */
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

/** All of it, on the day before the as-of date: of an order that has not come back, in part or as a whole, already. */
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

/** As exact as the tables keep money. */
const toMoney = (amount: number): number => Math.round(amount * 10_000) / 10_000;
