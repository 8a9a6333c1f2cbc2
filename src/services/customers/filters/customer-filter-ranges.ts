import { utcDayOf } from '../../../database/utc-day.js';
import { cents } from '../../../math.js';
import { allOf } from './customer-filter-conditions.js';
import { mostDays, realBound, requireRange } from './customer-filter-values.js';
import type { Range } from '../customer-filter.types.js';
import type { SqlParameters } from '../../sql-parameters.js';

/** SQL conditions that a value lies in a range of a filter. */

export interface RangeColumn {
  /** In SQL. */
  readonly column: string;
  /** Its type in Postgres. */
  readonly type: string;
  /** The value that null counts as. */
  readonly missing?: number;
  /** Whether it is an amount, which is compared as it is shown, in cents. */
  readonly inCents?: boolean;
}

/** @throws ClvError BAD_USER_INPUT */
export function inRange(
  name: string,
  range: Range,
  { column, type, missing, inCents }: RangeColumn,
  parameters: SqlParameters,
): string {
  const checked = requireRange(name, range);
  const { min, max } = inCents ? unrounded(checked) : checked;
  // The bare column where null makes no difference, so that an index can be used.
  const known = (fits: (value: number) => boolean): string =>
    missing !== undefined && fits(missing) ? `coalesce(${column}, ${parameters.add(missing, type)})` : column;
  const add = (bound: 'min' | 'max', value: number) =>
    parameters.add(type === 'real' ? realBound(bound, value) : value, type);
  const parts: string[] = [];
  if (min !== undefined) parts.push(`${known((value) => value >= min)} >= ${add('min', min)}`);
  if (max !== undefined) parts.push(`${known((value) => value <= max)} <= ${add('max', max)}`);
  return allOf(parts);
}

/** A range of days from a date in `customer_summary s` to the as-of date. @throws ClvError BAD_USER_INPUT */
export function inDaysSince(
  name: string,
  column: 'first_day' | 'last_day',
  range: Range,
  asOf: Date,
  parameters: SqlParameters,
): string {
  const { min, max } = requireRange(name, range, { from: -mostDays, to: mostDays });
  // If both ends are open, there must be no parameter: Postgres refuses parameters that are not used.
  const dayBefore = (ago: number): string =>
    `${utcDayOf(parameters.add(asOf, 'timestamptz'))} - ${parameters.add(ago, 'integer')}`;
  const parts: string[] = [];
  if (min !== undefined) parts.push(`s.${column} <= ${dayBefore(min)}`);
  if (max !== undefined) parts.push(`s.${column} >= ${dayBefore(max)}`);
  return allOf(parts);
}

/** A range of days from the as-of date to the next order that `prediction p` expects. @throws ClvError BAD_USER_INPUT */
export function inDaysToNextOrder(range: Range, asOf: Date, parameters: SqlParameters): string {
  const { min, max } = requireRange('nextOrderDays', range, { from: 0, to: mostDays, hint: '; who is overdue has 0' });
  const dayAfter = (days: number): string =>
    `${utcDayOf(parameters.add(asOf, 'timestamptz'))} + ${parameters.add(days, 'integer')}`;
  const parts: string[] = [];
  if (min !== undefined) parts.push(`p.expected_next_order_date >= ${dayAfter(min)}`);
  if (max !== undefined) parts.push(`p.expected_next_order_date <= ${dayAfter(max)}`);
  return allOf(parts);
}

export const isBounded = ({ min, max }: Range): boolean => typeof (min ?? max) === 'number';

export function fits(value: number, { min, max }: Range): boolean {
  return value >= (min ?? -Infinity) && value <= (max ?? Infinity);
}

/**
 * The range of amounts that are shown, in cents, within the given range: otherwise 100.004, shown as 100, would neither be up to 100 nor
 * from 100.01 on. The bounds are changed rather than the column, so that its index and statistics can be used.
 */
function unrounded({ min, max }: ReturnType<typeof requireRange>): ReturnType<typeof requireRange> {
  return { min: min === undefined ? min : lastShown(min, 1), max: max === undefined ? max : lastShown(max, -1) };
}

/** The outermost amount that is shown within the bound. */
function lastShown(bound: number, inwards: 1 | -1): number {
  const nearest = Math.round(bound * 100);
  const whole = (nearest / 100 - bound) * inwards < 0 ? nearest + inwards : nearest;
  const half = (whole - inwards * 0.5) / 100;
  // Half a cent, which is common in means, is rounded as its floating-point product with 100.
  return cents(half) === whole / 100 ? half : half + inwards * Math.abs(half) * Number.EPSILON;
}

/** The range of x for which 1 - x lies in the given one. */
export function complement({ min, max }: Range): Range {
  const of = (bound: number | null | undefined) => (bound === null || bound === undefined ? bound : 1 - bound);
  return { min: of(max), max: of(min) };
}
