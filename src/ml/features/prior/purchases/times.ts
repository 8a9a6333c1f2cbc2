/**
 * A customer's times since the first purchase, on one of two clocks: that of purchases or that of leaving. Where the pace of the whole
 * shop rose, and for newcomers at a pace of their own, the two differ (see `PurchaseClock`). Days or time units, as the caller says.
 */
export interface Times {
  /** t_x: of the last purchase. */
  readonly recency: number;
  /** T: of the as-of date. */
  readonly age: number;
  /** How much of the time since the last purchase lies before the day when the pace rose; 0 if they bought since. */
  readonly slow: number;
}

/** `Times` of many customers. */
export interface TimesColumns {
  readonly recency: Float64Array;
  readonly age: Float64Array;
  readonly slow: Float64Array;
}

/** `Times` of a customer on both clocks. */
export interface TimesOnBoth extends Times {
  readonly leaving: Times;
}

/** A horizon that begins at the as-of date. */
export interface TimesAhead {
  /** T: time from the first purchase to the as-of date. */
  readonly age: number;
  /** Length of the horizon. */
  readonly t: number;
  /** How much of t lies before the day when the pace changes, in a training window of before; else 0. */
  readonly slow: number;
}

/** @param slow absent where the pace did not change */
export const timesColumns = ({
  recency,
  age,
  slow = new Float64Array(age.length),
}: Pick<TimesColumns, 'recency' | 'age'> & Partial<TimesColumns>): TimesColumns => ({ recency, age, slow });

export const eachTime = (
  { recency, age, slow }: TimesColumns,
  change: (days: Float64Array) => Float64Array,
): TimesColumns => ({ recency: change(recency), age: change(age), slow: change(slow) });

const timesOf = ({ recency, age, slow }: TimesColumns, row: number, unit: number): Times => ({
  recency: recency[row]! / unit,
  age: age[row]! / unit,
  slow: slow[row]! / unit,
});

/**
 * @param columns without `leaving` where customers leave on the clock of their purchases
 * @param unit days of a time unit, to turn days into time units
 */
export function timesOnBoth(
  columns: Parameters<typeof timesColumns>[0] & { readonly leaving?: TimesColumns },
  unit = 1,
): (row: number) => TimesOnBoth {
  const times = timesColumns(columns);
  const { leaving = times } = columns;
  return (row) => ({ ...timesOf(times, row, unit), leaving: timesOf(leaving, row, unit) });
}

/** @param unitDays days of a time unit */
export const inUnits = ({ recency, age, slow, leaving }: TimesOnBoth, unitDays: number): TimesOnBoth => ({
  recency: recency / unitDays,
  age: age / unitDays,
  slow: slow / unitDays,
  leaving: { recency: leaving.recency / unitDays, age: leaving.age / unitDays, slow: leaving.slow / unitDays },
});
