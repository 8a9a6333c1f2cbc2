import { sum } from '../../../../math.js';
import { groupRows } from '../fitting/group-rows.js';
import { eachTime, type TimesColumns } from './times.js';

/** Customers' purchases, one column a field. Absent columns are those of all shops but a few. */
export interface PurchaseColumns {
  /** x: number of repeat purchase days. */
  frequency: Float64Array;
  /** t_x and T on the clock of purchases, see `Times`. */
  recency: Float64Array;
  age: Float64Array;
  /** From the beginning of history to the first purchase; absent unless some had bought before history begins. */
  wait?: Float64Array;
  /** `Times.slow`, and all times on the clock of leaving; absent where customers leave on the clock of their purchases. */
  slow?: Float64Array;
  leaving?: TimesColumns;
}

/** Distinct rows of `PurchaseColumns`, how often each occurs, and the distinct x among them. Times in time units. */
export interface PurchaseRows extends PurchaseColumns {
  count: Float64Array;
  /** Customers in all. */
  total: number;
  frequencies: Float64Array;
  frequencyCounts: Float64Array;
  /** For every row, the index of its frequency among the distinct ones. */
  frequencyIndex: Int32Array;
}

/** @param columns times in days */
export function toPurchaseRows(columns: PurchaseColumns, timeUnitDays: number): PurchaseRows {
  const { frequency, recency, age, wait, slow, leaving } = columns;
  const { firstRow, count } = groupRows([
    frequency,
    recency,
    age,
    ...(wait ? [wait] : []),
    ...(slow ? [slow] : []),
    ...(leaving ? [leaving.recency, leaving.age] : []),
  ]);
  const inTimeUnits = (days: Float64Array) => Float64Array.from(firstRow, (row) => days[row]! / timeUnitDays);
  return withFrequencies({
    ...eachColumn(columns, inTimeUnits),
    frequency: Float64Array.from(firstRow, (row) => frequency[row]!),
    count,
  });
}

/** `toPurchaseRows` of some of the customers. */
export function purchaseRowsOf(columns: PurchaseColumns, rows: ArrayLike<number>, timeUnitDays: number): PurchaseRows {
  const some = (values: Float64Array) => Float64Array.from(rows, (row) => values[row]!);
  return toPurchaseRows(eachColumn(columns, some), timeUnitDays);
}

/** Every n-th distinct row, at most `limit` of them: enough to tell a good starting point from a bad one. */
export function thinPurchaseRows(rows: PurchaseRows, limit: number): PurchaseRows {
  const stride = Math.ceil(rows.count.length / limit);
  if (stride <= 1) return rows;
  const every = (column: Float64Array) => column.filter((_, i) => i % stride === 0);
  return withFrequencies({ ...eachColumn(rows, every), count: every(rows.count) });
}

/** Applies a change to every column that is there. */
export function eachColumn(
  { frequency, recency, age, wait, slow, leaving }: PurchaseColumns,
  change: (column: Float64Array) => Float64Array,
): PurchaseColumns {
  return {
    frequency: change(frequency),
    recency: change(recency),
    age: change(age),
    ...(wait && { wait: change(wait) }),
    ...(slow && { slow: change(slow) }),
    ...(leaving && { leaving: eachTime(leaving, change) }),
  };
}

function withFrequencies(rows: PurchaseColumns & Pick<PurchaseRows, 'count'>): PurchaseRows {
  const { groupOf, firstRow } = groupRows([rows.frequency]);
  const frequencyCounts = new Float64Array(firstRow.length);
  rows.count.forEach((count, i) => (frequencyCounts[groupOf[i]!]! += count));
  return {
    ...rows,
    total: sum(rows.count),
    frequencies: Float64Array.from(firstRow, (row) => rows.frequency[row]!),
    frequencyCounts,
    frequencyIndex: groupOf,
  };
}
