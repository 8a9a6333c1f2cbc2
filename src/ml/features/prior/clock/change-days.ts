/**
 * Where the pace may have changed: every fortnight of the last year and every fourth week of the one before. A season can follow any
 * change, so that one between days that are far apart would seem less likely.
 */
export const closely = {
  /** Before the as-of date. */
  daysAgo: [
    ...Array.from({ length: 22 }, (_, i) => 56 + 14 * i),
    ...Array.from({ length: 14 }, (_, i) => 364 + 28 * i),
  ],
  /** History must be at least so many times as long as the time since then. */
  timesAsLong: 1.5,
};

/** The days of `closely` in so many days of history, in days since 1970-01-01 as `now`. */
export function changeDays(history: number, now: number): number[] {
  return closely.daysAgo.filter((ago) => closely.timesAsLong * ago <= history).map((ago) => now - ago);
}
