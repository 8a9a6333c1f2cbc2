import type { DataSource } from 'typeorm';
import type { Config } from '../../config.js';
import { dayMs, midnightOf, startOfDay } from '../../days.js';
import type { ModelVersion } from '../../entities/index.js';

/** Data whose last order lies further back than this has ended: it is history, not a running shop. */
const endedAfterDays = 60;

/** As `asOfGiven` without a model that has been scored: what one would be scored as of now. */
export async function servingAsOf(dataSource: DataSource, config: Pick<Config, 'asOf'>): Promise<Date> {
  return asOfGiven(config, null, config.asOf === 'auto' ? await lastPurchaseDay(dataSource) : null);
}

/**
 * The as-of date of served predictions, the start of a UTC day: that of the setting; or, with `auto`, of today, unless the data
 * ended long ago: then the as-of date at which the model's base was scored last, else the day after the last purchase.
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

/** Query for the newest `day` on which anybody bought: returns may come in long after the last order that is known. */
export const newestPurchaseDay = 'select max(day) as day from purchase_day where net > 0';

/** As midnight UTC. */
async function lastPurchaseDay(dataSource: DataSource): Promise<Date | null> {
  const [row] = await dataSource.query<{ day: string | null }[]>(
    `select day::text as day from (${newestPurchaseDay}) newest`,
  );
  return row?.day ? midnightOf(row.day) : null;
}
