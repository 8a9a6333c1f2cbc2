import { fitLogParameters, type Likelihood } from '../fitting/log-parameters.js';
import { groupRows } from '../fitting/group-rows.js';
import type { RfmColumns } from '../rfm-summary.js';
import type { YearlyClock } from './yearly-clock.js';
import { type Course, coursesOf } from './yearly-courses.js';
import { yearlyHistory, type YearlyHistory } from './yearly-history.js';
import { addSlopes, weighCourses, type YearlyChances, yearlyModel, type YearlyParameters } from './yearly-model.js';

export interface YearlyFit {
  readonly parameters: YearlyParameters;
  /** Log-likelihood of how many repeat purchases customers made, and of the year of the last one. */
  readonly logLikelihood: number;
  readonly converged: boolean;
}

interface Alike {
  readonly courses: readonly Course[];
  readonly passed: number;
  readonly count: number;
}

/**
 * Customers count as so many at most beside the pull towards typical parameters: from a year or two even a million cannot tell those who
 * have left from those who did not buy.
 */
const mostCounted = 1000;
/** Bounds of the logarithms of the parameters, in their order. */
const box = {
  lower: [0.01, 0.01, 0.01, 0.01, 1e-4, 1e-3].map(Math.log),
  upper: [100, 100, 100, 1000, 100, 1e4].map(Math.log),
};
/** About those of the donors in the paper; hardly anybody gives more often than once a year. */
const typicalDonors: YearlyChances = { alpha: 1, beta: 1, gamma: 0.7, delta: 3, furtherShape: 0.1, furtherYears: 1 };

/**
 * @param columns in calendar days, as of `asOf`
 * @param drawnTo what few years of history are drawn to
 */
export function fitYearly(
  years: YearlyClock,
  columns: RfmColumns,
  asOf: Date,
  drawnTo: YearlyChances = typicalDonors,
): YearlyFit {
  const { alpha, beta, gamma, delta, furtherShape, furtherYears } = drawnTo;
  const typical = [alpha, beta, gamma, delta, furtherShape, furtherYears].map(Math.log);
  const histories = groupHistories(years, columns, asOf);
  const rows = histories.map(({ history, count }): Alike => ({
    courses: coursesOf(history),
    passed: history.passed,
    count,
  }));
  const most = {
    years: histories.reduce((longest, { history }) => Math.max(longest, history.present), 0),
    purchases: histories.reduce((largest, { history }) => Math.max(largest, history.purchases), 0),
  };
  const toParameters = ([alpha, beta, gamma, delta, furtherShape, furtherYears]: readonly number[]) => ({
    alpha: alpha!,
    beta: beta!,
    gamma: gamma!,
    delta: delta!,
    furtherShape: furtherShape!,
    furtherYears: furtherYears!,
    months: years.months,
    firstMonth: years.firstMonth,
    ...(years.date && { date: years.date }),
  });
  const customers = Math.min(columns.age.length, mostCounted);
  const share = customers / columns.age.length;
  const likelihood: Likelihood = {
    total: customers,
    logLikelihood: (point, gradient) => {
      const model = yearlyModel(toParameters(point), most);
      gradient.fill(0);
      let total = 0;
      for (const { courses, passed, count } of rows) {
        const { log, shares } = weighCourses(model, courses, passed);
        total += share * count * log;
        courses.forEach((course, i) => addSlopes(model, course, passed, share * count * shares[i]!, gradient));
      }
      return total;
    },
  };
  const fit = fitLogParameters({ likelihood, coarse: likelihood, starts: [typical], box, typical, enough: false });
  return { parameters: toParameters(fit.point), logLikelihood: fit.logLikelihood / share, converged: fit.converged };
}

/** Parts of a year by which customers' first days are told apart. */
const firstParts = 10;

function groupHistories(
  years: YearlyClock,
  { frequency, recency, age }: RfmColumns,
  asOf: Date,
): { readonly history: YearlyHistory; readonly count: number }[] {
  const same = groupRows([frequency, recency, age]);
  const histories = Array.from(same.firstRow, (row) =>
    yearlyHistory(years, { frequency: frequency[row]!, recency: recency[row]!, age: age[row]! }, asOf),
  );
  const column = (read: (history: YearlyHistory) => number) => Float64Array.from(histories, read);
  const { groupOf, firstRow } = groupRows([
    column(({ purchases }) => purchases),
    column(({ last }) => last),
    column(({ present }) => present),
    column(({ firstPart }) => Math.ceil(firstPart * firstParts)),
  ]);
  const counts = new Float64Array(firstRow.length);
  same.count.forEach((count, i) => (counts[groupOf[i]!]! += count));
  return Array.from(firstRow, (row, i) => ({ history: histories[row]!, count: counts[i]! }));
}
