import type { RfmColumns } from './rfm-summary.js';

/** Long enough for most months to be seen in two years. A shorter history cannot tell a season from growth. */
const leastHistoryDays = 450;
/** A year, less half a month. */
const leastSeasonDays = 350;
/** Share of customers who came in the later half of history. With fewer, time as a customer and calendar time are the same. */
const leastNewShare = 0.1;
/** At most this share of the customers are strays: those who came this many days before all others. */
const strayShare = 0.005;
const strayDays = 90;
/** Two whole years: of one cohort they are needed to tell ageing from the calendar. */
const leastCohortDays = 2 * 365 + 31;

/** Whether all months of the year were seen; in two years if all customers came in one cohort. */
export function tellsSeason(columns: Pick<RfmColumns, 'age'>): boolean {
  return isLongEnough(columns, leastSeasonDays);
}

/** Whether history is long enough to tell effects of the calendar from growth, and from the ageing of one cohort. */
export function tellsCalendar(columns: Pick<RfmColumns, 'age'>): boolean {
  return isLongEnough(columns, leastHistoryDays);
}

/**
 * Days since the first purchase of anybody. First purchases that lie far before those of others, such as an order of 1970-01-01, are
 * strays and do not count.
 */
export function historyOf({ age }: Pick<RfmColumns, 'age'>): number {
  const ascending = Float64Array.from(age).sort();
  const ofOthers = ascending.at(-1 - Math.floor(strayShare * age.length)) ?? 0;
  return ascending.findLast((days) => days <= ofOthers + strayDays) ?? 0;
}

function isLongEnough(columns: Pick<RfmColumns, 'age'>, leastOfGrowing: number): boolean {
  const history = historyOf(columns);
  return history >= (keepsGrowing(columns, history) ? leastOfGrowing : leastCohortDays);
}

/** Whether customers kept coming, rather than in one cohort at the beginning. */
export function keepsGrowing({ age }: Pick<RfmColumns, 'age'>, history: number): boolean {
  const newer = age.reduce((count, days) => (days < history / 2 ? count + 1 : count), 0);
  return newer >= leastNewShare * age.length;
}
