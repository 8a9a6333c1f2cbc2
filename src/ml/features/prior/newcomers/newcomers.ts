/**
 * How customers who came lately differ from earlier ones: PACE, they buy `ratio` times as often; SHARE, `ratio` of them are as
 * the others, and the rest never comes back.
 */
export type NewcomersDiffer = 'PACE' | 'SHARE';

/**
 * Customers who came lately: a ratio, at most 1, for each `cohortDays` of their first purchases from `since` on (days since
 * 1970-01-01, UTC). Plain JSON.
 */
export interface Newcomers {
  readonly since: number;
  readonly differ: NewcomersDiffer;
  readonly ratios: readonly number[];
}

export const cohortDays = 30;

/** Who comes after the last of them is taken for one of these. */
export function cohortOf(firstDay: number, since: number, cohorts: number): number {
  return Math.min(cohorts - 1, Math.floor((firstDay - since) / cohortDays));
}

function ratioOf(newcomers: Newcomers | undefined, differ: NewcomersDiffer, firstDay: number): number {
  if (newcomers?.differ !== differ || firstDay < newcomers.since) return 1;
  const { since, ratios } = newcomers;
  return ratios[cohortOf(firstDay, since, ratios.length)]!;
}

/**
 * How fast a customer's time runs: at k times the others' rate they are one of the others in k times the time.
 * @param firstDay of the customer, in days since 1970-01-01
 */
export function paceOf(newcomers: Newcomers | undefined, firstDay: number): number {
  return ratioOf(newcomers, 'PACE', firstDay);
}

/** Share of customers like this one who are as the others, before anything is known of their purchases. */
export function shareOf(newcomers: Newcomers | undefined, firstDay: number): number {
  return ratioOf(newcomers, 'SHARE', firstDay);
}

/**
 * The same, once they have not bought again.
 * @param silent probability that one of the others has not bought again so far
 */
export function shareOfSilent(share: number, silent: number): number {
  return (share * silent) / (1 - share + share * silent);
}
