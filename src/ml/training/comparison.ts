import { type JobHooks, partOf } from '../../progress.js';
import { ClvError } from '../../errors.js';
import { distributionMetrics, type DistributionMetrics, type DistributionPredictions } from './evaluation.js';
import { buyersAmong, leastBuyers } from './gini-lift.js';
import { type Metric, pairedBootstrap } from './metrics/paired-bootstrap.js';
import { decileMape, normalizedGini, spearman } from './metrics/ranking.js';
import { bias, meanAbsoluteError, rootMeanSquaredError } from './metrics/regression.js';
import { counted } from '../../text.js';

export const comparisonVerdicts = ['BETTER', 'NOT_WORSE', 'WORSE'] as const;
/** How the first model compares with the second. */
export type ComparisonVerdict = (typeof comparisonVerdicts)[number];

/** Metrics that two models are compared by; ABSOLUTE_BIAS is |sum predicted / sum actual - 1|. */
export const comparedMetrics = ['NORMALIZED_GINI', 'SPEARMAN', 'RMSE', 'MAE', 'DECILE_MAPE', 'ABSOLUTE_BIAS'] as const;
export type ComparedMetric = (typeof comparedMetrics)[number];

/** One metric of both models. Plain JSON. */
export interface MetricDifference {
  readonly metric: ComparedMetric;
  readonly a: number | null;
  readonly b: number | null;
  /** a - b, and its 95 % interval by the paired bootstrap; null where the data do not define the metric. */
  readonly difference: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  /** Which model is better beyond chance; null where that cannot be told. */
  readonly better: 'A' | 'B' | null;
}

/** Two models on the same customers. Plain JSON. */
export interface Comparison {
  readonly customers: number;
  readonly a: DistributionMetrics;
  readonly b: DistributionMetrics;
  readonly differences: readonly MetricDifference[];
  readonly verdict: ComparisonVerdict;
  /** The verdict and its figures in words. */
  readonly sentence: string;
}

interface ComparisonInput {
  /** Net spend of each customer in the horizon. */
  readonly actual: readonly number[];
  readonly a: DistributionPredictions;
  readonly b: DistributionPredictions;
  /** What the models are called in the sentence. */
  readonly names: { readonly a: string; readonly b: string };
}

interface Rule {
  readonly metric: ComparedMetric;
  readonly measure: Metric;
  readonly higherIsBetter: boolean;
  /**
   * Least difference that matters to the verdict, given b's value: with enough customers even a negligible one is significant. Without
   * it the metric is shown only.
   */
  readonly heeded?: (b: number) => number;
}

/** The verdict goes by the ranking, the error in currency and the level; the others repeat these. */
const rules: readonly Rule[] = [
  { metric: 'NORMALIZED_GINI', measure: normalizedGini, higherIsBetter: true, heeded: () => 0.002 },
  { metric: 'SPEARMAN', measure: spearman, higherIsBetter: true },
  { metric: 'RMSE', measure: rootMeanSquaredError, higherIsBetter: false, heeded: (b) => 0.01 * b },
  { metric: 'MAE', measure: meanAbsoluteError, higherIsBetter: false },
  { metric: 'DECILE_MAPE', measure: decileMape, higherIsBetter: false },
  { metric: 'ABSOLUTE_BIAS', measure: absoluteBias, higherIsBetter: false, heeded: () => 0.02 },
];

const draws = 1_000;
const seed = 'comparison';
/** Least number of customers: with fewer, the mean of such skewed values says next to nothing. */
export const leastCompared = 20;

/**
 * Sets two models side by side. WORSE: in normalised Gini, RMSE or |bias| the first one is worse beyond chance (the 95 %
 * interval of the paired bootstrap lies on the wrong side of 0) by more than is negligible. BETTER: in none, and better
 * in one. NOT_WORSE otherwise, which includes that there are too few customers to tell.
 * @throws ClvError INSUFFICIENT_DATA for fewer than 20 customers or 5 buyers; RUN_CANCELLED
 */
export async function compareModels(
  { actual, a, b, names }: ComparisonInput,
  { progress, signal }: JobHooks,
): Promise<Comparison> {
  const buyers = buyersAmong(actual);
  if (actual.length < leastCompared || buyers < leastBuyers) {
    throw new ClvError(
      'INSUFFICIENT_DATA',
      `Too few customers to compare models by: ${counted(actual.length, 'customer')}, ${buyers} of whom bought in the horizon ` +
        `(at least ${leastCompared}, ${leastBuyers} of them buyers). Choose another date or a longer horizon.`,
    );
  }
  const differences: MetricDifference[] = [];
  for (const [i, rule] of rules.entries()) {
    const part = partOf(progress, i / rules.length, (i + 1) / rules.length);
    differences.push(await differenceOf(rule, actual, a.expectedValue, b.expectedValue, { progress: part, signal }));
  }
  const verdict = verdictOf(differences);
  return {
    customers: actual.length,
    a: distributionMetrics(actual, a),
    b: distributionMetrics(actual, b),
    differences,
    verdict,
    sentence: sentenceOf(verdict, differences, actual.length, names),
  };
}

async function differenceOf(
  { metric, measure, higherIsBetter }: Rule,
  actual: readonly number[],
  ofA: readonly number[],
  ofB: readonly number[],
  context: JobHooks,
): Promise<MetricDifference> {
  const [a, b] = [measure(actual, ofA), measure(actual, ofB)];
  if (a === null || b === null) return { metric, a, b, difference: null, lower: null, upper: null, better: null };
  const { difference, lower, upper } = await pairedBootstrap(measure, { a: ofA, b: ofB, actual, draws, seed }, context);
  const isCertain = lower > 0 || upper < 0;
  const winner = lower > 0 === higherIsBetter ? 'A' : 'B';
  return { metric, a, b, difference, lower, upper, better: isCertain ? winner : null };
}

function verdictOf(differences: readonly MetricDifference[]): ComparisonVerdict {
  const heeded = differences.filter(({ difference, b }, i) => {
    const least = rules[i]!.heeded?.(b ?? 0);
    return least !== undefined && Math.abs(difference ?? 0) >= least;
  });
  if (heeded.some(({ better }) => better === 'B')) return 'WORSE';
  return heeded.some(({ better }) => better === 'A') ? 'BETTER' : 'NOT_WORSE';
}

const verdictWords: Record<ComparisonVerdict, string> = {
  BETTER: 'is better than',
  NOT_WORSE: 'is not worse than',
  WORSE: 'is worse than',
};
const metricWords: Partial<Record<ComparedMetric, string>> = {
  NORMALIZED_GINI: 'Gini',
  RMSE: 'RMSE',
  ABSOLUTE_BIAS: '|bias|',
};

function sentenceOf(
  verdict: ComparisonVerdict,
  differences: readonly MetricDifference[],
  customers: number,
  names: ComparisonInput['names'],
): string {
  const figures = differences.flatMap(({ metric, a, b, lower, upper, better }) => {
    const word = metricWords[metric];
    if (!word || a === null || b === null || lower === null || upper === null) return [];
    const sure = better ? '' : ', within chance';
    return [`${word} ${figure(a)} against ${figure(b)} (difference ${figure(lower)} to ${figure(upper)}${sure})`];
  });
  return `${names.a} ${verdictWords[verdict]} ${names.b} on the same ${customers} customers: ${figures.join('; ')}.`;
}

function figure(value: number): string {
  return value.toFixed(Math.abs(value) < 10 ? 3 : 1);
}

function absoluteBias(actual: ArrayLike<number>, predicted: ArrayLike<number>): number | null {
  const signed = bias(actual, predicted);
  return signed === null ? null : Math.abs(signed);
}
