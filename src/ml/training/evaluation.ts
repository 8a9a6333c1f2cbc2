import { zilnInterval, type ZilnParameters } from '../model/ziln-distribution.js';
import { mean, sigmoid } from '../../math.js';
import { biasInterval } from './bias-interval.js';
import { giniLift, type GiniLift, type Interval } from './gini-lift.js';
import { evaluatePredictions, type ModelMetrics } from './metrics/model-metrics.js';
import { deciles, normalizedGini } from './metrics/ranking.js';
import { intervalCoverage } from './metrics/regression.js';

/** Metrics of predicted distributions: those of their expected values, and how many customers their intervals hold. */
export interface DistributionMetrics extends ModelMetrics {
  /** Share of customers inside their central 80 % interval. */
  readonly coverage80: number | null;
  /** What `coverage80` would be if the distributions were right; missing in reports of earlier versions. */
  readonly expectedCoverage80?: number;
  readonly coverage95: number | null;
}

/** A tenth of the customers, ordered by falling prediction. In currency. */
export interface EvaluationDecile {
  readonly customers: number;
  readonly meanPredicted: number;
  readonly meanActual: number;
}

/** A model compared with the prior alone and with the best of the plain rankings, on the same customers. Plain JSON. */
export interface EvaluationReport {
  /** ISO date-time and days of the window that was evaluated. */
  readonly asOf: string;
  readonly horizonDays: number;
  readonly customers: number;
  readonly model: DistributionMetrics;
  readonly prior: DistributionMetrics;
  readonly naiveRank: ModelMetrics & { readonly name: string };
  /** Of the model over the better of prior and naive rank; null where the Gini is not defined. */
  readonly lift: GiniLift | null;
  /** Of the model's bias; null where it is not defined. */
  readonly biasInterval: Interval | null;
  /** Of the model; missing in reports of earlier versions. */
  readonly deciles?: readonly EvaluationDecile[];
}

export interface DistributionPredictions {
  readonly expectedValue: readonly number[];
  readonly distribution: readonly ZilnParameters[];
}

interface EvaluationInput {
  readonly asOf: string;
  readonly horizonDays: number;
  /** Net spend of each customer in the window. */
  readonly actual: readonly number[];
  readonly model: DistributionPredictions;
  readonly prior: DistributionPredictions;
  /** Scores by name, e.g. total spend; already in currency for the horizon where that makes sense. */
  readonly naiveRanks: Readonly<Record<string, readonly number[]>>;
}

/** @throws ClvError INSUFFICIENT_DATA without customers */
export function evaluate(input: EvaluationInput): EvaluationReport {
  const { actual, asOf, horizonDays } = input;
  const prior = distributionMetrics(actual, input.prior);
  const naiveRank = bestNaiveRank(actual, input.naiveRanks);
  const rankLeads = (naiveRank.normalizedGini ?? -1) > (prior.normalizedGini ?? -1);
  const { expectedValue } = input.model;
  return {
    asOf,
    horizonDays,
    customers: actual.length,
    model: distributionMetrics(actual, input.model),
    prior,
    naiveRank,
    lift: giniLift(
      actual,
      expectedValue,
      rankLeads
        ? { name: naiveRank.name, scores: input.naiveRanks[naiveRank.name]! }
        : { name: 'prior', scores: input.prior.expectedValue },
    ),
    biasInterval: biasInterval(actual, expectedValue),
    deciles: deciles(actual, expectedValue).map(({ customers, predictedMean, actualMean }) => ({
      customers,
      meanPredicted: predictedMean,
      meanActual: actualMean,
    })),
  };
}

/** @throws ClvError INSUFFICIENT_DATA without customers */
export function distributionMetrics(
  actual: readonly number[],
  predictions: DistributionPredictions,
): DistributionMetrics {
  const { expectedValue, distribution } = predictions;
  const metrics = evaluatePredictions({
    actual,
    predicted: expectedValue,
    purchaseProbability: distribution.map(({ logit }) => sigmoid(logit)),
  });
  const coverage = (level: number) => {
    const intervals = distribution.map((parameters) => zilnInterval(parameters, level));
    // Predictions are never below 0: who returned more than was bought counts as one who bought nothing.
    return intervalCoverage(
      actual.map((value) => Math.max(value, 0)),
      intervals.map(({ lower }) => lower),
      intervals.map(({ upper }) => upper),
    );
  };
  // A customer who buys nothing with more than 80 % has the interval 0 to 0, which holds more than 80 %.
  const expectedCoverage80 = mean(distribution.map(({ logit }) => Math.max(0.8, sigmoid(-logit))));
  return { ...metrics, coverage80: coverage(0.8), expectedCoverage80, coverage95: coverage(0.95) };
}

/** The naive score with the highest Gini; the first one where none has any. */
function bestNaiveRank(actual: readonly number[], ranks: EvaluationInput['naiveRanks']): EvaluationReport['naiveRank'] {
  const scored = Object.entries(ranks).map(([name, scores]) => ({
    name,
    scores,
    gini: normalizedGini(actual, scores) ?? -Infinity,
  }));
  const best = scored.reduce((leader, next) => (next.gini > leader.gini ? next : leader));
  return { name: best.name, ...evaluatePredictions({ actual, predicted: best.scores }) };
}
