import { groupRows } from '../fitting/group-rows.js';
import type { RfmColumns } from '../rfm-summary.js';

/** Repeat buyers' spend, and the sums that the likelihood needs for every distinct number of repeat purchases. */
export interface SpendRows {
  /** Sum of the repeat purchase days' values, x * m. */
  spend: Float64Array;
  /** Their first purchase days' values. */
  first: Float64Array;
  /** For every row, the index of its x among the distinct ones. */
  frequencyIndex: Int32Array;
  frequencies: Float64Array;
  frequencyCounts: Float64Array;
  /** Sum of log m over the customers with that x. */
  logMonetarySums: Float64Array;
}

export type SpendColumns = Pick<RfmColumns, 'frequency' | 'monetary' | 'firstValue'>;

/** Counts a first purchase of more than `limit`, in currency, as one of `limit`, if there is one. */
export const limitFirst = (columns: SpendColumns, limit: number | undefined): SpendColumns =>
  limit ? { ...columns, firstValue: columns.firstValue.map((value) => Math.min(value, limit)) } : columns;

/** A column of the customers with x > 0 and m > 0 alone. */
export function ofRepeatBuyers(columns: SpendColumns, name: keyof SpendColumns): Float64Array {
  const { frequency, monetary } = columns;
  return columns[name].filter((_, i) => frequency[i]! > 0 && monetary[i]! > 0);
}

/** The repeat buyers; values are divided by `scale`. */
export function toSpendRows(columns: SpendColumns, scale: number): SpendRows {
  const x = ofRepeatBuyers(columns, 'frequency');
  const spend = ofRepeatBuyers(columns, 'monetary').map((value, i) => (value / scale) * x[i]!);
  const first = ofRepeatBuyers(columns, 'firstValue').map((value) => value / scale);
  return withSums(x, spend, first);
}

/** Every n-th buyer, at most `limit` of them. */
export function thinSpendRows(rows: SpendRows, limit: number): SpendRows {
  const stride = Math.ceil(rows.spend.length / limit);
  if (stride <= 1) return rows;
  const every = (column: Float64Array) => column.filter((_, i) => i % stride === 0);
  return withSums(
    every(Float64Array.from(rows.frequencyIndex, (index) => rows.frequencies[index]!)),
    every(rows.spend),
    every(rows.first),
  );
}

function withSums(x: Float64Array, spend: Float64Array, first: Float64Array): SpendRows {
  const { groupOf, firstRow, count } = groupRows([x]);
  const logMonetarySums = new Float64Array(firstRow.length);
  spend.forEach((value, i) => (logMonetarySums[groupOf[i]!]! += Math.log(value / x[i]!)));
  return {
    spend,
    first,
    frequencyIndex: groupOf,
    frequencies: Float64Array.from(firstRow, (row) => x[row]!),
    frequencyCounts: count,
    logMonetarySums,
  };
}
