import { sum } from '../../../../math.js';
import { type RisingFactorials, risingFactorials } from './rising-factorial.js';
import type { YearlyClock } from './yearly-clock.js';
import type { Course } from './yearly-courses.js';

/**
 * BG/BB on years (Fader, Hardie & Shang 2010, "Customer-Base Analysis in a Discrete-Time Noncontractual Setting"): at the
 * beginning of each year after the first one a customer leaves for good with probability theta ~ Beta(gamma, delta); in a year
 * that they begin they buy with probability p ~ Beta(alpha, beta). Beside it, beyond the first one of each year in which they
 * buy, they make Poisson(mu) purchases in a year, mu ~ Gamma(furtherShape, furtherYears).
 */
export interface YearlyParameters extends YearlyClock, YearlyChances {}

/** What tells how often customers buy, and until when. */
export interface YearlyChances {
  readonly alpha: number;
  readonly beta: number;
  readonly gamma: number;
  readonly delta: number;
  readonly furtherShape: number;
  readonly furtherYears: number;
}

export interface YearlyModel extends YearlyParameters {
  readonly rising: Readonly<
    Record<'alpha' | 'beta' | 'both' | 'gamma' | 'delta' | 'stay' | 'further', RisingFactorials>
  >;
}

/** @param most years after the first, and repeat purchases, of any customer */
export function yearlyModel(
  parameters: YearlyParameters,
  most: { readonly years: number; readonly purchases: number },
): YearlyModel {
  const { alpha, beta, gamma, delta, furtherShape } = parameters;
  const ofYears = (parameter: number) => risingFactorials(parameter, most.years + 1);
  return {
    ...parameters,
    rising: {
      alpha: ofYears(alpha),
      beta: ofYears(beta),
      both: ofYears(alpha + beta),
      gamma: ofYears(gamma),
      delta: ofYears(delta),
      stay: ofYears(gamma + delta),
      further: risingFactorials(furtherShape, most.purchases),
    },
  };
}

/** Natural log of the probability of a course (equation 5 of the paper), and of its further purchases. */
function logCourse(model: YearlyModel, course: Course, passed: number): number {
  const { bought, missed, stayed, left, further, open, logChoices } = course;
  const { rising, furtherShape, furtherYears } = model;
  const end = furtherYears + open;
  return (
    logChoices +
    rising.alpha.log[bought]! +
    rising.beta.log[missed]! -
    rising.both.log[bought + missed]! +
    rising.gamma.log[left]! +
    rising.delta.log[stayed]! -
    rising.stay.log[left + stayed]! +
    rising.further.log[further]! +
    furtherShape * Math.log(furtherYears / end) -
    further * Math.log(end) +
    logPresent(model, course, passed)
  );
}

function logPresent(model: YearlyModel, course: Course, passed: number): number {
  if (course.present === 'told' || course.present === 'still') return 0;
  return course.present === 'due' ? logUnseen(model, course, passed) : Math.log(seenBy(model, course, passed));
}

/** Adds the gradient of `logCourse` by the six parameters in their order, times `weight`. */
export function addSlopes(
  { rising, furtherShape, furtherYears }: YearlyModel,
  { bought, missed, stayed, left, further, open, present }: Course,
  passed: number,
  weight: number,
  gradient: Float64Array,
): void {
  const both = rising.both.slope[bought + missed]!;
  const stay = rising.stay.slope[left + stayed]!;
  const end = furtherYears + open;
  gradient[0]! += weight * (rising.alpha.slope[bought]! - both);
  gradient[1]! += weight * (rising.beta.slope[missed]! - both);
  gradient[2]! += weight * (rising.gamma.slope[left]! - stay);
  gradient[3]! += weight * (rising.delta.slope[stayed]! - stay);
  gradient[4]! += weight * (rising.further.slope[further]! + Math.log(furtherYears / end));
  gradient[5]! += weight * (furtherShape / furtherYears - (furtherShape + further) / end);
  if (present === 'told' || present === 'still') return;
  // Derivatives of the log of what is unseen, or of the log of 1 less that.
  const unseen = (1 - passed) * Math.exp(-(furtherShape + further) * Math.log1p(passed / end));
  const turn = present === 'due' ? weight : (-weight * unseen) / (1 - unseen);
  gradient[4]! -= turn * Math.log1p(passed / end);
  gradient[5]! += (turn * (furtherShape + further) * passed) / (end * (end + passed));
}

/**
 * Further purchases expected in a year. Of who was silent in the part of the present year that has passed, a course is weighed by
 * how likely that is of one who buys in it (`due`), which it is the more the fewer they make, or by how unlikely (`missed`).
 */
export function furtherRate(model: YearlyModel, course: Course, passed: number): number {
  const { furtherShape, furtherYears } = model;
  const { further, open, present } = course;
  const years = furtherYears + open;
  const shape = furtherShape + further;
  if (present === 'told' || present === 'still') return shape / years;
  const unseen = shape / (years + passed);
  return present === 'due' ? unseen : unseen * (1 + passed / (years * seenBy(model, course, passed)));
}

/** Log of P(no further purchase in a part of a year). */
export function logNoneFurther(
  { furtherShape, furtherYears }: YearlyModel,
  { further, open }: Course,
  part: number,
): number {
  return -(furtherShape + further) * Math.log1p(part / (furtherYears + open));
}

/** Log of P(no purchase by then | they buy in that year): the first one is as likely at any time of the year. */
export function logUnseen(model: YearlyModel, course: Course, part: number): number {
  return Math.log1p(-part) + logNoneFurther(model, course, part);
}

/** P(some purchase by then | they buy in that year). */
export function seenBy(model: YearlyModel, course: Course, part: number): number {
  return -Math.expm1(logUnseen(model, course, part));
}

/** The log-probability of all courses together, and the share of each in it. */
export function weighCourses(
  model: YearlyModel,
  courses: readonly Course[],
  passed: number,
): { readonly log: number; readonly shares: readonly number[] } {
  const logs = courses.map((course) => logCourse(model, course, passed));
  const most = Math.max(...logs);
  const parts = logs.map((log) => Math.exp(log - most));
  const total = sum(parts);
  return { log: most + Math.log(total), shares: parts.map((part) => part / total) };
}
