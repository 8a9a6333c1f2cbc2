import type { Config } from '../../config.js';
import type { Queryable } from '../../database/queryable.js';
import { dayMs, midnightOf, startOfDay } from '../../days.js';
import type { ModelVersion } from '../../entities/index.js';

/** If the last order is older than this, the data are not of a running shop. */
const endedAfterDays = 60;

/** `asOfGiven` without a scored base: the as-of date of a scoring that would begin now. */
export async function servingAsOf(queryable: Queryable, config: Pick<Config, 'asOf'>): Promise<Date> {
  return asOfGiven(config, null, config.asOf === 'auto' ? await lastPurchaseDay(queryable) : null);
}

/**
 * The as-of date of served predictions, as the start of a UTC day: that of the setting; with `auto`, today. If the data ended long ago,
 * that of the model's last scoring, or without one the day after the last purchase.
 */
export function asOfGiven(
  config: Pick<Config, 'asOf'>,
  model: Pick<ModelVersion, 'scoredAsOf'> | null,
  lastDay: Date | null,
): Date {
  if (config.asOf !== 'auto') return startOfDay(new Date(config.asOf));
  const today = startOfDay(new Date());
  if (!lastDay || today.getTime() - lastDay.getTime() <= endedAfterDays * dayMs) return today;
  return model?.scoredAsOf ?? new Date(lastDay.getTime() + dayMs);
}

/** Query for the newest `day` on which anybody bought; returns may come in long after it. */
export const newestPurchaseDay = 'select max(day) as day from purchase_day where net > 0';

/**
 * Query for the `day` up to which purchases are known: the newest one. Where that and the one before are both 1 January, years were
 * written as days, and all of the year is known.
 */
export const purchasesKnownUntil = `
  select case
    when extract(doy from newest.day) = 1 and extract(doy from (
      select max(day) from purchase_day where net > 0 and day < newest.day)) = 1
    then (newest.day + interval '1 year -1 day')::date else newest.day end as day
  from (${newestPurchaseDay}) newest`;

/** The day up to which purchases are known, as midnight UTC. */
async function lastPurchaseDay(queryable: Queryable): Promise<Date | null> {
  const [row] = await queryable.query<{ day: string | null }>(
    `select day::text as day from (${purchasesKnownUntil}) known`,
  );
  return row?.day ? midnightOf(row.day) : null;
}
