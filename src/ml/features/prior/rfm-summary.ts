import { ClvError } from '../../../errors.js';

/** What the buy-till-you-die models know of a customer at an as-of date (Fader, Hardie & Lee 2005). */
export interface RfmSummary {
  /** x: number of repeat purchase days, a whole number. */
  frequency: number;
  /** t_x: days from the first to the last purchase day. */
  recency: number;
  /** T: days from the first purchase day to the as-of date. */
  age: number;
  /** Mean value of a REPEAT purchase day, in currency; 0 when there is none. */
  monetary: number;
}

/** The same, one typed array a field: how a million customers travel. */
export interface RfmColumns {
  frequency: Float64Array;
  recency: Float64Array;
  age: Float64Array;
  monetary: Float64Array;
}

export function toRfmColumns(customers: readonly RfmSummary[]): RfmColumns {
  return {
    frequency: Float64Array.from(customers, (customer) => customer.frequency),
    recency: Float64Array.from(customers, (customer) => customer.recency),
    age: Float64Array.from(customers, (customer) => customer.age),
    monetary: Float64Array.from(customers, (customer) => customer.monetary),
  };
}

/** @throws ClvError BAD_USER_INPUT where columns differ in length or a row cannot be a customer's history */
export function checkRfmColumns({ frequency, recency, age, monetary }: RfmColumns): void {
  const count = frequency.length;
  if (recency.length !== count || age.length !== count || monetary.length !== count) {
    throw new ClvError('BAD_USER_INPUT', 'RFM columns differ in length: pass one value a customer in each of them.');
  }
  for (let i = 0; i < count; i++) checkRfm(frequency[i]!, recency[i]!, age[i]!, monetary[i]!, i);
}

/** @throws ClvError BAD_USER_INPUT, see checkRfmColumns */
export function checkRfm(frequency: number, recency: number, age: number, monetary: number, row?: number): void {
  const valid =
    Number.isInteger(frequency) &&
    frequency >= 0 &&
    recency >= 0 &&
    recency <= age &&
    age < Infinity &&
    monetary >= 0 &&
    monetary < Infinity;
  if (valid) return;
  throw new ClvError(
    'BAD_USER_INPUT',
    `Customer${row === undefined ? '' : ` in row ${row}`} has no possible purchase history: frequency ${frequency} ` +
      `(a whole number from 0), recency ${recency} days (0 to age), age ${age} days, monetary ${monetary} (from 0). ` +
      'Count purchase days with a net value above 0, up to the as-of date.',
  );
}
