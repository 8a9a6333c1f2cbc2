/**
 * How newcomers differ from earlier customers. PACE: they buy `ratio` times as often. SHARE: a share of `ratio` of them is like the
 * earlier customers, and the others never buy again.
 */
export type NewcomersDiffer = 'PACE' | 'SHARE';

/**
 * Customers whose first purchase was on the day `since` (days since 1970-01-01, UTC) or later, in cohorts of `cohortDays`, each with a
 * ratio of at most 1. Plain JSON.
 */
export interface Newcomers {
  readonly since: number;
  readonly differ: NewcomersDiffer;
  readonly ratios: readonly number[];
}

export const cohortDays = 30;

/** The number of the cohort of a first day. Who comes after the last cohort counts as one of it. */
export function cohortOf(firstDay: number, since: number, cohorts: number): number {
  return Math.min(cohorts - 1, Math.floor((firstDay - since) / cohortDays));
}

function ratioOf(newcomers: Newcomers | undefined, differ: NewcomersDiffer, firstDay: number): number {
  if (newcomers?.differ !== differ || firstDay < newcomers.since) return 1;
  const { since, ratios } = newcomers;
  return ratios[cohortOf(firstDay, since, ratios.length)]!;
}

/**
 * How fast a customer's clock of purchases runs: who buys at k times the rate is like the others on a clock that runs k times as fast.
 * @param firstDay of the customer, in days since 1970-01-01
 */
export function paceOf(newcomers: Newcomers | undefined, firstDay: number): number {
  return ratioOf(newcomers, 'PACE', firstDay);
}

/** Probability that such a customer is like the earlier ones, before anything is known of their purchases. */
export function shareOf(newcomers: Newcomers | undefined, firstDay: number): number {
  return ratioOf(newcomers, 'SHARE', firstDay);
}

/**
 * The same, given that they have not bought again (Bayes).
 * @param silent probability that one who is like the earlier customers has not bought again so far
 */
export function shareOfSilent(share: number, silent: number): number {
  return (share * silent) / (1 - share + share * silent);
}
