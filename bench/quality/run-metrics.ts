import { mean } from '../../src/math.js';
import { areaUnderRoc, brierScore, type Decile, deciles } from '../../src/ml/training/metrics/ranking.js';
import { evaluatePredictions } from '../../src/ml/training/metrics/model-metrics.js';
import type { EvaluationSet, Run } from './evaluation-set.js';
import { intervalDeciles, type IntervalDecile } from './metrics/interval-deciles.js';
import { zilnCrps, zilnLogLikelihood } from './metrics/ziln-scores.js';

/** Names of the numbers in the tables; null where they are not defined or the model does not give them. */
export const metricNames = [
  'gini',
  'spearman',
  'rmse',
  'r2',
  'mae',
  'decileMape',
  'bias',
  'topDecileShare',
  'auc',
  'brier',
  'crps',
  'logLikelihood',
  'coverage80',
  'coverage95',
  'width80',
  'width95',
] as const;
export type MetricName = (typeof metricNames)[number];

export type RunMetrics = Readonly<Record<MetricName, number | null>>;

/** Customers to measure on; positions in the columns of an evaluation set. */
export type Subset = Int32Array;

interface Subsets {
  readonly all: Subset;
  /** Those who had bought on one day only. */
  readonly oneTime: Subset;
}

export function subsetsOf(set: EvaluationSet): Subsets {
  const repeatDays = set.column('f_repeat_days');
  const positions = Int32Array.from(set.customers, (_, i) => i);
  return { all: positions, oneTime: positions.filter((i) => repeatDays[i] === 0) };
}

/**
 * Scores of the distribution, its intervals included, are of the customers who have features: the others get no
 * distribution from anybody.
 */
export function runMetrics(set: EvaluationSet, run: Run, subset: Subset): RunMetrics {
  const actual = take(set.actual, subset);
  const points = evaluatePredictions({ actual, predicted: take(run.expected, subset) });
  return {
    gini: points.normalizedGini,
    spearman: points.spearman,
    rmse: points.rmse,
    r2: points.r2,
    mae: points.mae,
    decileMape: points.decileMape,
    bias: points.bias,
    topDecileShare: points.topDecileShare,
    ...buysAgain(set, run, subset),
    ...distribution(set, run, subset),
  };
}

function buysAgain(set: EvaluationSet, { probability }: Run, subset: Subset) {
  if (!probability) return { auc: null, brier: null };
  const purchases = take(set.purchases, subset);
  const happened = Array.from(purchases, (days) => days > 0);
  const chances = take(probability, subset);
  return { auc: areaUnderRoc(happened, chances), brier: brierScore(happened, chances) };
}

function distribution(set: EvaluationSet, run: Run, subset: Subset) {
  const known = subset.filter((i) => i < set.withFeatures);
  const { ziln } = run;
  const scores = ziln && known.length > 0 ? zilnScores(set.actual, ziln, known) : { crps: null, logLikelihood: null };
  const [inner, outer] = levels.map((level) => overall(intervalsByDecile(set, run, level, subset)));
  return {
    ...scores,
    coverage80: inner?.coverage ?? null,
    coverage95: outer?.coverage ?? null,
    width80: inner?.width ?? null,
    width95: outer?.width ?? null,
  };
}

function zilnScores(actual: Float64Array, { logit, mu, sigma }: NonNullable<Run['ziln']>, subset: Subset) {
  let [crps, logLikelihood] = [0, 0];
  for (const i of subset) {
    const parameters = { logit: logit[i]!, mu: mu[i]!, sigma: sigma[i]! };
    crps += zilnCrps(parameters, actual[i]!);
    logLikelihood += zilnLogLikelihood(parameters, actual[i]!);
  }
  return { crps: crps / subset.length, logLikelihood: logLikelihood / subset.length };
}

export const levels = [80, 95] as const;

/**
 * Ten groups by falling prediction. A customer who returned more than was bought counts as one who bought nothing: no
 * model's interval reaches below 0.
 */
export function intervalsByDecile(
  set: EvaluationSet,
  { expected, intervals }: Run,
  level: (typeof levels)[number],
  subset: Subset,
): IntervalDecile[] {
  const known = subset.filter((i) => i < set.withFeatures);
  if (!intervals || known.length === 0) return [];
  const actual = take(set.actual, known).map((value) => Math.max(value, 0));
  return intervalDeciles(actual, take(expected, known), {
    lower: take(intervals[`lower${level}`], known),
    upper: take(intervals[`upper${level}`], known),
  });
}

/** Actual and predicted means of ten groups by falling prediction. */
export function valueDeciles(set: EvaluationSet, { expected }: Run): Decile[] {
  return deciles(set.actual, expected);
}

/** Null of nobody. */
export function overall(groups: readonly IntervalDecile[]): { coverage: number; width: number } | null {
  const customers = groups.reduce((sum, group) => sum + group.customers, 0);
  if (customers === 0) return null;
  const mean = (value: (group: IntervalDecile) => number) =>
    groups.reduce((sum, group) => sum + group.customers * value(group), 0) / customers;
  return { coverage: mean(({ coverage }) => coverage), width: mean(({ width }) => width) };
}

function take(values: Float64Array, subset: Subset): Float64Array {
  return Float64Array.from(subset, (i) => values[i]!);
}

/** Over a model's seeds. */
export interface Summary {
  readonly mean: number;
  readonly lowest: number;
  readonly highest: number;
  readonly runs: number;
}

/** Null where any of the seeds leaves it undefined. */
export function summarise(values: readonly (number | null)[]): Summary | null {
  const known = values.filter((value) => value !== null);
  if (known.length === 0 || known.length < values.length) return null;
  return { mean: mean(known), lowest: Math.min(...known), highest: Math.max(...known), runs: known.length };
}
