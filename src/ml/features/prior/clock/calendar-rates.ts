import { monthsInYear, wholeYearDays } from '../../../../days.js';
import { solve } from '../fitting/solve.js';
import { ageDays, type CalendarCells, type Span } from './calendar-cells.js';

const mostSteps = 50;
/** In nats: what a step must promise. */
const leastGain = 1e-4;
/** Of the log of a factor or of a slope, in one step. */
const longestStep = 2;
/** Added to the diagonal of the curvature, for months and groups without purchases, and since the factors of all months may shift together. */
const ridge = 1e-3;

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
  /** Of the purchases, in nats, less a constant that is the same for all fits to the same cells. */
  readonly logLikelihood: number;
  /** By group, as multiples of that of group 0. */
  readonly factors: readonly number[];
  /** How many times as much as a Poisson variable's the numbers of purchases vary; at least 1. */
  readonly dispersion: number;
  /** Logs of the factors of the months, January first. */
  readonly months: Float64Array;
}

/**
 * Poisson regression of purchases on age, month of the year and group of spans, each with a factor, by Newton's method. Given the others,
 * the factors of age make as many purchases expected at each age as were seen, and so need no search. A trend is two slopes of the log
 * rate: over the day on which customers came, and over its product with their age. Beside factors of age the first one is a trend over
 * the calendar, too.
 */
export function fitCalendarRates(
  { spans, cells }: CalendarCells,
  { groupOf = () => 0, hasTrend = false, near }: CalendarEffects = {},
): CalendarRates {
  const groups = spans.map(groupOf);
  const lastGroup = groups.reduce((most, group) => Math.max(most, group), 0);
  const firstSlope = monthsInYear + lastGroup;
  const trend = hasTrend ? trendOf({ spans, cells }) : [];
  const rows = cells.map(({ age, span, time, purchases }, i): Row => {
    const group = groups[span]!;
    const factors = group > 0 ? [spans[span]!.month, monthsInYear + group - 1] : [spans[span]!.month];
    return {
      age,
      time,
      purchases,
      terms: [
        ...factors.map((parameter) => ({ parameter, times: 1 })),
        ...trend.map((slope, k) => ({ parameter: firstSlope + k, times: slope[i]! })),
      ],
    };
  });
  const start = new Float64Array(firstSlope + trend.length);
  if (near) start.set(near.months);
  const { point, logLikelihood, expected } = likeliest(rows, start);
  return {
    logLikelihood,
    factors: [1, ...Array.from(point.subarray(monthsInYear, firstSlope), Math.exp)],
    dispersion: dispersionOf(rows, expected),
    months: point.slice(0, monthsInYear),
  };
}

/** Slopes of the trend, by cell. */
function trendOf({ spans, cells }: CalendarCells): number[][] {
  const end = spans.at(-1)!.to;
  const years = (days: number) => days / wholeYearDays;
  const came = cells.map(({ age, span }) => years((spans[span]!.from + spans[span]!.to) / 2 - end - ageDays * age));
  return [came, came.map((day, i) => day * years(ageDays * cells[i]!.age))];
}

/** A cell, whose log rate is the sum of its terms and of that of its age. */
interface Row {
  readonly age: number;
  readonly time: number;
  readonly purchases: number;
  readonly terms: readonly { readonly parameter: number; readonly times: number }[];
}

interface Fit {
  readonly point: Float64Array;
  readonly logLikelihood: number;
  /** Purchases, by row. */
  readonly expected: Float64Array;
}

/** The likelihood is concave: Newton's method finds its maximum. */
function likeliest(rows: readonly Row[], start: Float64Array): Fit {
  let fit = fitAt(rows, start);
  for (let i = 0; i < mostSteps; i++) {
    const { gradient, curvature } = derivatives(rows, fit);
    const direction = solve(curvature, gradient.slice());
    const promised = direction.reduce((total, each, k) => total + each * gradient[k]!, 0) / 2;
    if (promised < leastGain) break;
    const longest = direction.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
    let part = Math.min(1, longestStep / longest);
    const at = (): Fit =>
      fitAt(
        rows,
        fit.point.map((each, k) => each + part * direction[k]!),
      );
    let next = at();
    while (next.logLikelihood < fit.logLikelihood && part > 1e-3) {
      part /= 2;
      next = at();
    }
    if (next.logLikelihood <= fit.logLikelihood) break;
    fit = next;
  }
  return fit;
}

function fitAt(rows: readonly Row[], point: Float64Array): Fit {
  const seen: number[] = [];
  const usual: number[] = [];
  let logLikelihood = 0;
  const rates = Float64Array.from(rows, ({ age, time, purchases, terms }) => {
    let log = 0;
    for (const { parameter, times } of terms) log += point[parameter]! * times;
    const rate = time * Math.exp(log);
    seen[age] = (seen[age] ?? 0) + purchases;
    usual[age] = (usual[age] ?? 0) + rate;
    logLikelihood += purchases * log;
    return rate;
  });
  const ofAge = seen.map((purchases, age) => purchases / usual[age]!);
  seen.forEach((purchases, age) => (logLikelihood -= purchases * Math.log(usual[age]!)));
  return { point, logLikelihood, expected: rates.map((rate, i) => rate * ofAge[rows[i]!.age]!) };
}

/** First derivatives of the log-likelihood, and the negative second ones, with factors of age that follow the other parameters. */
function derivatives(rows: readonly Row[], { point, expected }: Fit) {
  const size = point.length;
  const gradient = new Float64Array(size);
  const curvature = Array.from(point, (_, i) => new Float64Array(size).fill(ridge, i, i + 1));
  const byAge: { expected: number; readonly terms: Float64Array }[] = [];
  rows.forEach(({ age, purchases, terms }, i) => {
    const ofAge = (byAge[age] ??= { expected: 0, terms: new Float64Array(size) });
    ofAge.expected += expected[i]!;
    for (const { parameter, times } of terms) {
      gradient[parameter]! += (purchases - expected[i]!) * times;
      ofAge.terms[parameter]! += expected[i]! * times;
      for (const other of terms) curvature[parameter]![other.parameter]! += expected[i]! * times * other.times;
    }
  });
  byAge.forEach((ofAge) => {
    if (ofAge.expected === 0) return;
    for (let row = 0; row < size; row++) {
      const share = ofAge.terms[row]! / ofAge.expected;
      for (let column = 0; column < size; column++) curvature[row]![column]! -= share * ofAge.terms[column]!;
    }
  });
  return { gradient, curvature };
}

/** Pearson's statistic of all cells together: a sum of their own would be that of the emptiest. */
function dispersionOf(rows: readonly Row[], expected: Float64Array): number {
  let squares = 0;
  let total = 0;
  rows.forEach(({ purchases }, i) => {
    squares += (purchases - expected[i]!) ** 2;
    total += expected[i]!;
  });
  return Math.max(1, squares / total);
}
