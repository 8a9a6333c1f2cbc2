import { mostDays, requireRange } from './customer-filter-values.js';
import { isAmong, type Reading } from './customer-filter-conditions.js';
import type { EventCount } from '../customer-filter.types.js';
import type { SqlParameters } from '../../sql-parameters.js';

/** A condition on `customer c`. @throws ClvError BAD_USER_INPUT */
export function eventCondition(
  { type, lastDays, ...range }: EventCount,
  { asOf, reading, parameters }: { asOf: Date; reading: Reading; parameters: SqlParameters },
): string {
  const open = (range.min ?? range.max ?? null) === null;
  const { min = -Infinity, max = Infinity } = requireRange('eventCounts', open ? { min: 1 } : range);
  const until = parameters.add(asOf, 'timestamptz');
  const days = requireRange('lastDays', { min: lastDays }, { from: 1, to: mostDays }).min;
  const since =
    days === undefined
      ? ''
      : `and e.occurred_at >= ${until} - make_interval(days => ${parameters.add(days, 'integer')})`;
  const events = `behavior_event e
      where e.type = ${parameters.add(type, 'behavior_event_type')} and e.occurred_at < ${until} ${since}`;
  const bound = (value: number) => parameters.add(value, 'bigint');
  const fits = (count: string) =>
    [
      ...(min > -Infinity ? [`${count} >= ${bound(min)}`] : []),
      ...(max < Infinity ? [`${count} <= ${bound(max)}`] : []),
    ].join(' and ');
  if (reading === 'each') return `(${fits(`(select count(*) from ${events} and e.customer_id = c.id)`)})`;
  // Only customers with such events are found. So if 0 is in the range, those with a count outside of it are excluded.
  const withoutFits = min <= 0 && max >= 0;
  const having = withoutFits ? `not (${fits('count(*)')})` : fits('count(*)');
  const found = `select e.customer_id from ${events} group by e.customer_id having ${having}`;
  const not = withoutFits ? 'not ' : '';
  if (reading === 'apart') return `${not}${isAmong(found)}`;
  // Materialized: otherwise every process of a parallel plan would count all events.
  return `${not}exists (
      select from (
        with counted as materialized (${found})
        select customer_id from counted) counted
      where counted.customer_id = c.id)`;
}
