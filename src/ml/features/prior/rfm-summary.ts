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
  /** Value of the first purchase day, in currency; 0 for every customer where first values are unknown. */
  firstValue: number;
  /** Standard deviation over mean of the days between purchases; absent below two repeat purchases. */
  gapVariation?: number;
}

/** Summaries of many customers, one typed array a field. */
export interface RfmColumns {
  frequency: Float64Array;
  recency: Float64Array;
  age: Float64Array;
  monetary: Float64Array;
  firstValue: Float64Array;
  /** NaN where absent, and absent where unknown of all. */
  gapVariation?: Float64Array;
}

export function toRfmColumns(customers: readonly RfmSummary[]): RfmColumns {
  return {
    frequency: Float64Array.from(customers, (customer) => customer.frequency),
    recency: Float64Array.from(customers, (customer) => customer.recency),
    age: Float64Array.from(customers, (customer) => customer.age),
    monetary: Float64Array.from(customers, (customer) => customer.monetary),
    firstValue: Float64Array.from(customers, (customer) => customer.firstValue),
    gapVariation: Float64Array.from(customers, (customer) => customer.gapVariation ?? NaN),
  };
}

/** Some of the customers, by their indices. */
export function rowsOf(columns: RfmColumns, rows: readonly number[]): RfmColumns {
  const of = (values: Float64Array) => Float64Array.from(rows, (row) => values[row]!);
  return {
    frequency: of(columns.frequency),
    recency: of(columns.recency),
    age: of(columns.age),
    monetary: of(columns.monetary),
    firstValue: of(columns.firstValue),
    ...(columns.gapVariation && { gapVariation: of(columns.gapVariation) }),
  };
}

/** @throws ClvError BAD_USER_INPUT where columns differ in length or a row cannot be a customer's history */
export function checkRfmColumns({ frequency, recency, age, monetary, firstValue }: RfmColumns): void {
  const count = frequency.length;
  if ([recency, age, monetary, firstValue].some((column) => column.length !== count)) {
    throw new ClvError('BAD_USER_INPUT', 'RFM columns differ in length: pass one value a customer in each of them.');
  }
  for (let i = 0; i < count; i++) {
    if (!isPossible(frequency[i]!, recency[i]!, age[i]!, monetary[i]!, firstValue[i]!)) {
      throw impossible(rowOf({ frequency, recency, age, monetary, firstValue }, i), ` in row ${i}`);
    }
  }
}

/** @throws ClvError BAD_USER_INPUT, see checkRfmColumns */
export function checkRfm(customer: RfmSummary): void {
  const { frequency, recency, age, monetary, firstValue } = customer;
  if (!isPossible(frequency, recency, age, monetary, firstValue)) throw impossible(customer, '');
}

/** Numbers, not an object: a million customers are checked before each fit. */
function isPossible(frequency: number, recency: number, age: number, monetary: number, firstValue: number): boolean {
  return (
    Number.isInteger(frequency) &&
    frequency >= 0 &&
    recency >= 0 &&
    recency <= age &&
    age < Infinity &&
    monetary >= 0 &&
    monetary < Infinity &&
    firstValue >= 0 &&
    firstValue < Infinity
  );
}

export function rowOf(columns: RfmColumns, i: number): RfmSummary {
  const { frequency, recency, age, monetary, firstValue } = columns;
  const gapVariation = columns.gapVariation?.[i];
  return {
    frequency: frequency[i]!,
    recency: recency[i]!,
    age: age[i]!,
    monetary: monetary[i]!,
    firstValue: firstValue[i]!,
    ...(gapVariation !== undefined && !Number.isNaN(gapVariation) && { gapVariation }),
  };
}

function impossible({ frequency, recency, age, monetary, firstValue }: RfmSummary, where: string): ClvError {
  return new ClvError(
    'BAD_USER_INPUT',
    `Customer${where} has no possible purchase history: frequency ${frequency} (a whole number from 0), recency ` +
      `${recency} days (0 to age), age ${age} days, monetary ${monetary} and first value ${firstValue} (from 0). ` +
      'Count purchase days with a net value above 0, up to the as-of date.',
  );
}
