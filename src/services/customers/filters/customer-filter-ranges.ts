import { utcDayOf } from '../../../database/utc-day.js';
import { cents } from '../../../math.js';
import { allOf } from './customer-filter-conditions.js';
import { mostDays, realBound, requireRange } from './customer-filter-values.js';
import type { Range } from '../customer-filter.types.js';
import type { SqlParameters } from '../../sql-parameters.js';

/** Conditions in SQL that a value lies in a range of a filter. */

export interface RangeColumn {
  /** In SQL. */
  readonly column: string;
  /** Its type in Postgres. */
  readonly type: string;
  /** What null counts as. */
  readonly missing?: number;
  /** Whether it is an amount that is shown in cents, by which it is to lie in the range. */
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
  // The bare column where null makes no difference, so that an index can serve.
  const known = (fits: (value: number) => boolean): string =>
    missing !== undefined && fits(missing) ? `coalesce(${column}, ${parameters.add(missing, type)})` : column;
  const add = (bound: 'min' | 'max', value: number) =>
    parameters.add(type === 'real' ? realBound(bound, value) : value, type);
  const parts: string[] = [];
  if (min !== undefined) parts.push(`${known((value) => value >= min)} >= ${add('min', min)}`);
  if (max !== undefined) parts.push(`${known((value) => value <= max)} <= ${add('max', max)}`);
  return allOf(parts);
}

/** Of the days from a date in `customer_summary s` to the as-of date. @throws ClvError BAD_USER_INPUT */
export function inDaysSince(
  name: string,
  column: 'first_day' | 'last_day',
  range: Range,
  asOf: Date,
  parameters: SqlParameters,
): string {
  const { min, max } = requireRange(name, range, { from: -mostDays, to: mostDays });
  // Where both ends are open there must be no parameter: Postgres refuses one that its statement does not name.
  const dayBefore = (ago: number): string =>
    `${utcDayOf(parameters.add(asOf, 'timestamptz'))} - ${parameters.add(ago, 'integer')}`;
  const parts: string[] = [];
  if (min !== undefined) parts.push(`s.${column} <= ${dayBefore(min)}`);
  if (max !== undefined) parts.push(`s.${column} >= ${dayBefore(max)}`);
  return allOf(parts);
}

/** Of the days from the as-of date to the next order that `prediction p` expects. @throws ClvError BAD_USER_INPUT */
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
 * What an amount, which is shown in cents, lies in where what is shown of it lies in the range: else nobody with 100.004, shown as
 * 100, would be up to 100 or from 100.01 on. The column stays as it is: an index can serve, and the planner knows how many fit.
 */
function unrounded({ min, max }: ReturnType<typeof requireRange>): ReturnType<typeof requireRange> {
  return { min: min === undefined ? min : lastShown(min, 1), max: max === undefined ? max : lastShown(max, -1) };
}

/** The last amount outwards of what is shown within the bound. */
function lastShown(bound: number, inwards: 1 | -1): number {
  const nearest = Math.round(bound * 100);
  const whole = (nearest / 100 - bound) * inwards < 0 ? nearest + inwards : nearest;
  const half = (whole - inwards * 0.5) / 100;
  // Half a cent, common in means, goes as its product with 100 falls.
  return cents(half) === whole / 100 ? half : half + inwards * Math.abs(half) * Number.EPSILON;
}

/** 1 - x lies in the range where x lies in its complement. */
export function complement({ min, max }: Range): Range {
  const of = (bound: number | null | undefined) => (bound === null || bound === undefined ? bound : 1 - bound);
  return { min: of(max), max: of(min) };
}
