import { dayMs, dayOf } from '../../../src/days.js';
import type { Shop } from './shops.js';
import type { Visit } from './visitors.js';

const dateOf = ({ start }: Shop, day: number): string => dayOf(new Date(Date.parse(start) + day * dayMs));

/** `event,customer,type,date`. */
export function visitsCsv(shop: Shop, visits: readonly Visit[]): string {
  const lines = visits.map(({ customer, day, type }, i) => `e${i + 1},${customer},${type},${dateOf(shop, day)}`);
  return `event,customer,type,date\n${lines.join('\n')}\n`;
}

/** One order a purchase: `order,customer,date,total`. */
export function shopCsv(shop: Shop, count = shop.customers): string {
  const lines = shop.purchases(count).map(({ customer, day, total }, i) => {
    return `o${i + 1},${customer},${dateOf(shop, day)},${total.toFixed(2)}`;
  });
  return `order,customer,date,total\n${lines.join('\n')}\n`;
}
