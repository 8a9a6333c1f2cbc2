import { mostDays, requireList, requireRange } from './customer-filter-values.js';
import type { TierChange } from '../customer-filter.types.js';
import { allOf } from './customer-filter-conditions.js';
import type { SqlParameters } from '../../sql-parameters.js';

/** Conditions on `clv_change v`, the customer's last change, or nulls. */

/** As a Date: years before 1 and after 9999 are written otherwise in the JSON of a segment than Postgres reads them. */
const addInstant = (instant: Date | string, parameters: SqlParameters): string =>
  parameters.add(new Date(instant), 'timestamptz');

export function changedSince(instant: Date | string, parameters: SqlParameters): string {
  return `v.changed_at > ${addInstant(instant, parameters)}`;
}

/** @throws ClvError BAD_USER_INPUT */
export function tierChanged({ from, to, since, lastDays }: TierChange, parameters: SqlParameters): string {
  // Who has another tier has changed: by that time an index finds them.
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
