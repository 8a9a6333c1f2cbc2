import { mostDays, requireList, requireRange } from './customer-filter-values.js';
import type { TierChange } from '../customer-filter.types.js';
import { allOf } from './customer-filter-conditions.js';
import type { SqlParameters } from '../../sql-parameters.js';

/** Conditions on `clv_change v`, the customer's last change, or nulls. */

/** Passed as a Date, since Postgres does not read years before 1 and after 9999 as they are written in the JSON of a segment. */
const addInstant = (instant: Date | string, parameters: SqlParameters): string =>
  parameters.add(new Date(instant), 'timestamptz');

export function changedSince(instant: Date | string, parameters: SqlParameters): string {
  return `v.changed_at > ${addInstant(instant, parameters)}`;
}

/** @throws ClvError BAD_USER_INPUT */
export function tierChanged({ from, to, since, lastDays }: TierChange, parameters: SqlParameters): string {
  // A change of tier is a change: by `changed_at`, which has an index, these customers are found.
  const after = (instant: string) => [`v.tier_changed_at > ${instant}`, `v.changed_at > ${instant}`];
  const days = requireRange('lastDays', { min: lastDays }, { from: 1, to: mostDays }).min;
  return allOf([
    'v.customer_id is not null',
    ...(from ? [`v.previous_tier = any(${parameters.add(requireList('from', from), 'clv_tier[]')})`] : []),
    ...(to ? [`v.tier = any(${parameters.add(requireList('to', to), 'clv_tier[]')})`] : []),
    ...(since ? after(addInstant(since, parameters)) : []),
    ...(days === undefined ? [] : after(`now() - make_interval(days => ${parameters.add(days, 'integer')})`)),
  ]);
}
