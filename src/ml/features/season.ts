import { dayMs } from '../../days.js';

/** The year of seasonal features, in days: the Julian year, unlike `yearDays`. Trained models depend on it. */
export const seasonYearDays = 365.25;

/**
 * Mean of (sin, cos) of the time of year over [asOf, asOf + horizon), in closed form. Its direction is the season, its length how much of
 * a single season the period is (1 for a day, 0 for a year).
 */
export function meanSeason(asOf: Date, horizonDays: number): [sin: number, cos: number] {
  const start = (2 * Math.PI * dayOfYear(asOf)) / seasonYearDays;
  const width = (2 * Math.PI * horizonDays) / seasonYearDays;
  return [(Math.cos(start) - Math.cos(start + width)) / width, (Math.sin(start + width) - Math.sin(start)) / width];
}

/** Days since 1 January, UTC. */
function dayOfYear(instant: Date): number {
  return Math.floor((instant.getTime() - Date.UTC(instant.getUTCFullYear(), 0, 1)) / dayMs);
}
