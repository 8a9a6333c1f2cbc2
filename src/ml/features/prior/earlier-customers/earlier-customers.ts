import { type ShopClock, shopLength } from '../clock/shop-clock.js';

/**
 * Customers who had bought before the orders that are known begin, as where only the last years were imported (left truncation: Klein &
 * Moeschberger 2003, "Survival Analysis", ch. 3.4). Their first known purchase is not their first one. Plain JSON.
 */
export interface EarlierCustomers {
  /** When history begins: the day of anybody's first purchase, in days since 1970-01-01. */
  readonly since: number;
  /** Time units before it in which customers had come as they have come since. */
  readonly length: number;
}

/** @returns days of the shop's time from the beginning of history to a customer's first purchase in it */
export function waitOf(shop: ShopClock, { since }: EarlierCustomers, firstDay: number): number {
  return Math.max(0, shopLength(shop, since, firstDay));
}
