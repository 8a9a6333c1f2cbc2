import { dayNumber, yearDays } from '../../../../days.js';
import type { RfmColumns, RfmSummary } from '../rfm-summary.js';

/**
 * How much more, or less, the same customers have come to spend an order: knots of a line through the natural logs of what one is worth on
 * a day (since 1970-01-01, UTC). Before the first knot and after the last one, which lies ahead, it is level.
 */
export type Prices = readonly { readonly day: number; readonly log: number }[];

/**
 * A customer's order values as of a date, in the prices of that date. Of the repeat purchases the last one's day is known; the others are
 * taken to lie evenly between it and the first.
 */
export function inPrices(prices: Prices | undefined, customer: RfmSummary, asOf: Date): RfmSummary {
  if (!prices) return customer;
  const { ofFirst, ofRepeats } = risesOf(prices, customer, asOf);
  return { ...customer, monetary: customer.monetary * ofRepeats, firstValue: customer.firstValue * ofFirst };
}

/** `inPrices` of many customers. */
export function columnsInPrices(prices: Prices | undefined, columns: RfmColumns, asOf: Date): RfmColumns {
  if (!prices) return columns;
  const { frequency, recency, age } = columns;
  const monetary = Float64Array.from(columns.monetary);
  const firstValue = Float64Array.from(columns.firstValue);
  for (let i = 0; i < age.length; i++) {
    const rises = risesOf(prices, { frequency: frequency[i]!, recency: recency[i]!, age: age[i]! }, asOf);
    monetary[i]! *= rises.ofRepeats;
    firstValue[i]! *= rises.ofFirst;
  }
  return { ...columns, monetary, firstValue };
}

/** What a customer's first purchase and their mean repeat purchase are to be multiplied by. */
function risesOf(
  prices: Prices,
  { frequency, recency, age }: Pick<RfmSummary, 'frequency' | 'recency' | 'age'>,
  asOf: Date,
): { readonly ofFirst: number; readonly ofRepeats: number } {
  const now = dayNumber(asOf);
  const first = now - age;
  const today = logPrice(prices, now);
  const priceOn = (day: number) => Math.exp(logPrice(prices, day) - today);
  const last = priceOn(first + recency);
  const between = frequency > 1 ? meanOver((part) => priceOn(first + part * recency)) : last;
  const ofRepeats = frequency > 0 ? frequency / (last + (frequency - 1) * between) : 1;
  return { ofFirst: 1 / priceOn(first), ofRepeats };
}

/** The mean price of the horizon's days, in prices of the as-of date. */
export function priceAhead(prices: Prices | undefined, horizonDays: number, asOf: Date): number {
  if (!prices) return 1;
  const now = dayNumber(asOf);
  return meanOver((part) => Math.exp(logPrice(prices, now + part * horizonDays) - logPrice(prices, now)));
}

/** What a value of so many days before `asOf` is to be multiplied by to be in its prices. */
export function riseSince(prices: Prices | undefined, daysAgo: number, asOf: Date): number {
  if (!prices) return 1;
  const now = dayNumber(asOf);
  return Math.exp(logPrice(prices, now) - logPrice(prices, now - daysAgo));
}

/** By what part orders are worth more on `asOf` than a year before. */
export const riseOfYear = (prices: Prices, asOf: Date): number => riseSince(prices, yearDays, asOf) - 1;

/** Mean over 0 to 1 of a smooth function, by the quadrature of Gauss and Legendre with three nodes. */
function meanOver(of: (part: number) => number): number {
  const node = Math.sqrt(0.15);
  return (5 * of(0.5 - node) + 8 * of(0.5) + 5 * of(0.5 + node)) / 18;
}

function logPrice(prices: Prices, day: number): number {
  const next = prices.findIndex((knot) => knot.day > day);
  if (next === -1) return prices.at(-1)!.log;
  if (next === 0) return prices[0]!.log;
  const [from, to] = [prices[next - 1]!, prices[next]!];
  return from.log + ((to.log - from.log) * (day - from.day)) / (to.day - from.day);
}
