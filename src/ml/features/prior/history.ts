import type { RfmColumns } from './rfm-summary.js';

/** History in which most of the year was seen twice, or in years that differ: less cannot tell season from growth. */
const leastHistoryDays = 450;
/** A year that lacks half a month. */
const leastSeasonDays = 350;
/** Share of customers acquired in the later half of history, below which tenure and calendar are one and the same. */
const leastNewShare = 0.1;
/** This share of the customers may be strays, who came this many days before all others. */
const strayShare = 0.005;
const strayDays = 90;
/** Two whole years, which tell how one cohort ages from what the calendar brings. */
const leastCohortDays = 2 * 365 + 31;

/** Whether all months of the year were seen, in two years where customers did not come all along. */
export function tellsSeason(columns: Pick<RfmColumns, 'age'>): boolean {
  return isLongEnough(columns, leastSeasonDays);
}

/** Whether history can tell what the calendar brings from growth and from the ageing of one cohort. */
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

/** Whether customers came all along, not in one cohort. */
export function keepsGrowing({ age }: Pick<RfmColumns, 'age'>, history: number): boolean {
  const newer = age.reduce((count, days) => (days < history / 2 ? count + 1 : count), 0);
  return newer >= leastNewShare * age.length;
}
