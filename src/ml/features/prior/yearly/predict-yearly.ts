import { dayNumber } from '../../../../days.js';
import { shareOfSilent } from '../newcomers/newcomers.js';
import { leastProbability, type PurchasesAhead } from '../purchases/purchases-ahead.js';
import type { RfmSummary } from '../rfm-summary.js';
import { yearsAt } from './yearly-clock.js';
import { type Course, coursesOf } from './yearly-courses.js';
import { yearlyHistory } from './yearly-history.js';
import {
  furtherRate,
  logNoneFurther,
  logUnseen,
  seenBy,
  weighCourses,
  type YearlyModel,
  yearlyModel,
  type YearlyParameters,
} from './yearly-model.js';

/**
 * @param customer in calendar days, as of `asOf`
 * @param share probability, before anything is known of their purchases, that they ever come back; see `shareOf`
 */
export function predictYearly(
  parameters: YearlyParameters,
  customer: Pick<RfmSummary, 'frequency' | 'recency' | 'age'>,
  horizonDays: number,
  asOf: Date,
  share = 1,
): PurchasesAhead {
  const history = yearlyHistory(parameters, customer, asOf);
  const now = dayNumber(asOf);
  const time = {
    passed: history.passed,
    end: history.passed + yearsAt(parameters, now + horizonDays) - yearsAt(parameters, now),
  };
  const model = yearlyModel(parameters, { years: history.present, purchases: history.purchases });
  const courses = coursesOf(history);
  const { shares, log } = weighCourses(model, courses, history.passed);
  const asOthers = customer.frequency > 0 ? 1 : shareOfSilent(share, Math.exp(log));
  let [alive, none, purchases] = [0, 0, 0];
  courses.forEach((course, i) => {
    const ahead = course.left === 1 ? nothing : outlookOf(model, course, time);
    if (course.left === 0) alive += shares[i]!;
    none += shares[i]! * ahead.none;
    purchases += shares[i]! * ahead.purchases;
  });
  const purchaseProbability = Math.max(asOthers * (1 - none), leastProbability);
  return {
    aliveProbability: Math.max(asOthers * alive, leastProbability),
    purchaseProbability,
    expectedPurchases: Math.max(asOthers * purchases, purchaseProbability),
  };
}

interface Outlook {
  /** P(no purchase in the horizon). */
  readonly none: number;
  readonly purchases: number;
}

const nothing: Outlook = { none: 1, purchases: 0 };

/** A time ahead, in years from the beginning of the present one: from `passed`, the part of it that has passed, to `end`. */
interface Time {
  readonly passed: number;
  readonly end: number;
}

/** Outlook of a customer who has not left after that course. */
function outlookOf(model: YearlyModel, course: Course, { passed, end }: Time): Outlook {
  const rate = furtherRate(model, course, passed);
  const rest = Math.min(end, 1) - passed;
  const buys = model.alpha + course.bought;
  let misses = model.beta + course.missed;
  let stays = model.delta + course.stayed;
  const mean = buys / (buys + misses);
  let there = 1;
  let silent = 1;
  let [none, purchases] = [0, 0];
  if (course.present === 'told' || course.present === 'still') {
    const bought = course.present === 'still' ? rest / (1 - passed) : 0;
    silent = (1 - bought) * Math.exp(logNoneFurther(model, course, rest));
    purchases = bought + rate * rest;
  }
  // E[(1 - p)^k] year by year; only the last one may be a part of a year.
  let missing = 1;
  if (course.present === 'due') {
    const bought = -Math.expm1(logUnseen(model, course, Math.min(end, 1)) - logUnseen(model, course, passed));
    purchases = mean * (rest / (1 - passed) + rate * rest);
    missing *= 1 - bought * mean;
    misses++;
  }
  for (let year = 1; year < end; year++) {
    const part = Math.min(1, end - year);
    const left = there * (model.gamma / (model.gamma + stays));
    none += left * silent * missing;
    there -= left;
    stays++;
    purchases += there * mean * part * (1 + rate);
    missing *= 1 - (seenBy(model, course, part) * buys) / (buys + misses);
    misses++;
  }
  return { none: none + there * silent * missing, purchases };
}
