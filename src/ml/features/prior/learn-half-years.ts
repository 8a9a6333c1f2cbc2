import { dayNumber } from '../../../days.js';
import { fitYearly, type YearlyFit } from './fit-yearly.js';
import { leastGain } from './least-gain.js';
import { type RfmColumns, rowsOf } from './rfm-summary.js';
import { shareOfHalf, type YearlyClock, yearsAt } from './yearly-clock.js';
import { leastOpen } from './yearly-courses.js';
import { yearlyHistory } from './yearly-history.js';

/**
 * Whether purchases are likelier where customers buy once in half a year or not, as donors do who are asked twice a year, than by whole
 * years. By those who bought no more than twice a year: of somebody who gives each month the shorter time tells sooner that they have
 * stopped, whatever the others do.
 * @param columns customers as of `asOf`, in calendar days
 */
export function areHalfYears(halves: YearlyClock, years: YearlyClock, columns: RfmColumns, asOf: Date): boolean {
  const some = rowsOf(columns, seldomRows(years, columns, asOf));
  const [byHalves, byYears] = [halves, years].map((each) => byTime(fitYearly(each, some, asOf), some, asOf));
  return byHalves! - byYears! >= leastGain(some.age.length);
}

/** Rows of the customers who have bought no more than twice in each year from the first to the last one, on average. */
function seldomRows(years: YearlyClock, { frequency, recency, age }: RfmColumns, asOf: Date): number[] {
  const now = dayNumber(asOf);
  const yearOf = (day: number) => Math.floor(yearsAt(years, day));
  return [...frequency.keys()].filter((i) => {
    const first = now - age[i]!;
    return 1 + frequency[i]! <= 2 * (1 + yearOf(first + recency[i]!) - yearOf(first));
  });
}

/**
 * Log-likelihood of when the last purchase was, in whole years, from that of its year or half-year, of which the present one has
 * passed in part: within them, time passes as purchases do.
 */
export function byTime({ parameters, logLikelihood }: YearlyFit, columns: RfmColumns, asOf: Date): number {
  const { frequency, recency, age } = columns;
  const now = dayNumber(asOf);
  const year = Math.floor(yearsAt(parameters, now));
  return frequency.reduce((total, repeats, i) => {
    if (repeats === 0) return total;
    const customer = { frequency: repeats, recency: recency[i]!, age: age[i]! };
    const { last, present, passed } = yearlyHistory(parameters, customer, asOf);
    const ofYear = parameters.halfYears ? shareOfHalf(parameters, year - present + last) : 1;
    return total - Math.log(ofYear * (last > 0 && last === present ? Math.max(passed, leastOpen) : 1));
  }, logLikelihood);
}
