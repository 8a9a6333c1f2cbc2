import { wholeYearDays } from '../../../../days.js';
import { clamp } from '../../../../math.js';
import { ageDays, type CalendarCells, type Cell, type Span } from './calendar-cells.js';

const mostRounds = 200;
/** In nats: what a round must gain for another one to be worth it. */
const leastGain = 0.005;
/** Added to actual and expected purchases, so that the factor of cells without any stays finite. */
const pseudoCount = 0.5;
/** Of a slope, in one round. */
const longestStep = 0.5;

/** What the rate of purchase depends on, beside the age of customers and the month of the year. */
interface CalendarEffects {
  /** The group of a span, counted from 0, each with a factor of its own. */
  readonly groupOf?: (span: Span) => number;
  /** Whether customers are steadily better or worse the later they come, in how often they buy and in how long they stay. */
  readonly hasTrend?: boolean;
  /** Where the search begins: a fit to the same cells. */
  readonly near?: CalendarRates;
}

export interface CalendarRates {
  /** Of the purchases, in nats, less a constant. */
  readonly logLikelihood: number;
  /** By group, as multiples of that of group 0. */
  readonly factors: readonly number[];
  /** How many times as much as a Poisson variable's the numbers of purchases vary; at least 1. */
  readonly dispersion: number;
  /** Purchases a day by age, and what they are multiplied by in each month. */
  readonly byAge: Float64Array;
  readonly byMonth: Float64Array;
}

/** By cell, what the log rate is to have a slope over. */
type Slope = readonly number[];

/** The factor of each level, and the level of each cell. */
interface Levels {
  readonly factors: Float64Array;
  readonly of: readonly number[];
}

/**
 * Poisson regression of purchases, with a factor for each age, month of the year and group of spans, by iterative proportional fitting
 * (Deming & Stephan 1940). A trend is two slopes, by steps of Newton's method: over the day on which customers came, and over its
 * product with their age. Beside factors of age the first one is a trend over the calendar, too.
 */
export function fitCalendarRates(
  { spans, cells }: CalendarCells,
  { groupOf = () => 0, hasTrend = false, near }: CalendarEffects = {},
): CalendarRates {
  const groups = spans.map(groupOf);
  const byAge = levels(
    cells.map(({ age }) => age),
    near?.byAge,
  );
  const byMonth = levels(
    cells.map(({ span }) => spans[span]!.month),
    near?.byMonth,
  );
  const byGroup = levels(cells.map(({ span }) => groups[span]!));
  const factored = byGroup.factors.length > 1 ? [byGroup, byAge, byMonth] : [byAge, byMonth];
  const slopes = hasTrend ? trendOf({ spans, cells }) : [];
  const expected = expectedOf(cells, factored);
  let logLikelihood = -Infinity;
  for (let round = 0; round < mostRounds; round++) {
    for (const each of factored) rescale(each, cells, expected);
    for (const slope of slopes) step(slope, cells, expected);
    const before = logLikelihood;
    logLikelihood = cells.reduce(
      (total, { purchases }, i) => total + purchases * Math.log(expected[i]!) - expected[i]!,
      0,
    );
    if (logLikelihood - before < leastGain) break;
  }
  const [first = 1] = byGroup.factors;
  return {
    logLikelihood,
    factors: Array.from(byGroup.factors, (factor) => factor / first),
    dispersion: dispersionOf(cells, expected),
    byAge: byAge.factors,
    byMonth: byMonth.factors,
  };
}

function levels(of: readonly number[], near?: Float64Array): Levels {
  const highest = of.reduce((most, level) => Math.max(most, level), 0);
  return { factors: near?.slice() ?? new Float64Array(highest + 1).fill(1), of };
}

function trendOf({ spans, cells }: CalendarCells): Slope[] {
  const end = spans.at(-1)!.to;
  const years = (days: number) => days / wholeYearDays;
  const came = cells.map(({ age, span }) => years((spans[span]!.from + spans[span]!.to) / 2 - end - ageDays * age));
  return [came, came.map((day, i) => day * years(ageDays * cells[i]!.age))];
}

function expectedOf(cells: readonly Cell[], factored: readonly Levels[]): Float64Array {
  return Float64Array.from(
    cells,
    ({ time }, i) => time * factored.reduce((product, { factors, of }) => product * factors[of[i]!]!, 1),
  );
}

/** Each level's factor, so that as many purchases are expected of it as were seen. */
function rescale({ factors, of }: Levels, cells: readonly Cell[], expected: Float64Array): void {
  const actual = factors.map(() => pseudoCount);
  const usual = factors.map(() => pseudoCount);
  of.forEach((level, i) => {
    actual[level]! += cells[i]!.purchases;
    usual[level]! += expected[i]!;
  });
  const times = actual.map((count, level) => count / usual[level]!);
  times.forEach((each, level) => (factors[level]! *= each));
  of.forEach((level, i) => (expected[i]! *= times[level]!));
}

/** A step of Newton's method. */
function step(slope: Slope, cells: readonly Cell[], expected: Float64Array): void {
  let gradient = 0;
  let curvature = 0;
  slope.forEach((value, i) => {
    gradient += (cells[i]!.purchases - expected[i]!) * value;
    curvature += expected[i]! * value ** 2;
  });
  if (curvature === 0) return;
  const by = clamp(gradient / curvature, -longestStep, longestStep);
  slope.forEach((value, i) => (expected[i]! *= Math.exp(by * value)));
}

/** Pearson's statistic of all cells together: a sum of their own would be that of the emptiest. */
function dispersionOf(cells: readonly Cell[], expected: Float64Array): number {
  let squares = 0;
  let total = 0;
  cells.forEach(({ purchases }, i) => {
    squares += (purchases - expected[i]!) ** 2;
    total += expected[i]!;
  });
  return Math.max(1, squares / total);
}
