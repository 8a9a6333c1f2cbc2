import { silentProgress, type ProgressReporter } from '../../src/progress.js';
import { Random } from '../../src/random.js';
import { decileBounds, rank, type Ranking } from '../../src/ml/training/metrics/ranking.js';

/** What ours is held to; the first two are better when higher. */
export const cellMetrics = ['gini', 'spearman', 'rmse', 'decileMape', 'absoluteBias'] as const;
export type CellMetric = (typeof cellMetrics)[number];
type CellValues = Record<CellMetric, number>;

/** One prediction of every customer, ready to be measured on any resample in one pass. */
export class RankedPrediction {
  private readonly ranking: Ranking;

  constructor(
    private readonly actual: Float64Array,
    private readonly predicted: Float64Array,
  ) {
    this.ranking = rank(predicted);
  }

  /**
   * The same figures as those of `src/ml/training/metrics` on a table in which customer i stands `counts[i]` times; NaN
   * where they are not defined.
   */
  measure({ counts, total, actualSum, actualRanks, actualVariance, perfectGini }: Resample): CellValues {
    const { order, starts } = this.ranking;
    const bounds = decileBounds(total);
    const middle = (total + 1) / 2;
    let [position, cumulative, area, predictedSum, squares, covariance, variance] = [0, 0, 0, 0, 0, 0, 0];
    let [decile, decileActual, decilePredicted, mape, groups] = [0, 0, 0, 0, 0];
    for (let k = 0; k + 1 < starts.length; k++) {
      let [count, sum, rankSum] = [0, 0, 0];
      const value = this.predicted[order[starts[k]!]!]!;
      for (let j = starts[k]!; j < starts[k + 1]!; j++) {
        const row = order[j]!;
        const times = counts[row]!;
        if (times === 0) continue;
        const actual = this.actual[row]!;
        count += times;
        sum += times * actual;
        rankSum += times * (actualRanks[row]! - middle);
        squares += times * (value - actual) ** 2;
      }
      if (count === 0) continue;
      const offset = position + (count + 1) / 2 - middle;
      covariance += offset * rankSum;
      variance += count * offset * offset;
      area += count * cumulative + (sum * (count + 1)) / 2;
      cumulative += sum;
      predictedSum += count * value;
      // Customers of equal prediction count as their mean, also where a boundary of deciles runs through them.
      for (let left = count; left > 0;) {
        const taken = Math.min(left, bounds[decile + 1]! - position);
        decileActual += (taken * sum) / count;
        decilePredicted += taken * value;
        position += taken;
        left -= taken;
        if (position < bounds[decile + 1]!) break;
        const size = position - bounds[decile]!;
        const reference = Math.abs(decileActual / size || actualSum / total);
        if (size > 0) {
          mape += Math.abs(decilePredicted - decileActual) / size / reference;
          groups++;
        }
        [decile, decileActual, decilePredicted] = [decile + 1, 0, 0];
      }
    }
    return {
      gini: actualSum > 0 ? ((2 * area) / (actualSum * total) - 1) / perfectGini : NaN,
      spearman: covariance / Math.sqrt(variance * actualVariance),
      rmse: Math.sqrt(squares / total),
      decileMape: mape / groups,
      absoluteBias: Math.abs(predictedSum / actualSum - 1),
    };
  }
}

/** How often each customer is in a resample, and what does not depend on the prediction. */
interface Resample {
  readonly counts: Uint16Array;
  readonly total: number;
  readonly actualSum: number;
  /** Ranks by falling actual value, ties sharing the mean of theirs. */
  readonly actualRanks: Float64Array;
  readonly actualVariance: number;
  readonly perfectGini: number;
}

export function resampleOf(actual: Float64Array, actualRanking: Ranking, counts: Uint16Array): Resample {
  const { order, starts } = actualRanking;
  const total = counts.reduce((sum, times) => sum + times, 0);
  const actualRanks = new Float64Array(actual.length);
  let [position, cumulative, area, variance] = [0, 0, 0, 0];
  for (let k = 0; k + 1 < starts.length; k++) {
    let count = 0;
    for (let j = starts[k]!; j < starts[k + 1]!; j++) count += counts[order[j]!]!;
    if (count === 0) continue;
    const shared = position + (count + 1) / 2;
    for (let j = starts[k]!; j < starts[k + 1]!; j++) actualRanks[order[j]!] = shared;
    const sum = count * actual[order[starts[k]!]!]!;
    area += count * cumulative + (sum * (count + 1)) / 2;
    cumulative += sum;
    variance += count * (shared - (total + 1) / 2) ** 2;
    position += count;
  }
  const perfectGini = (2 * area) / (cumulative * total) - 1;
  return { counts, total, actualSum: cumulative, actualRanks, actualVariance: variance, perfectGini };
}

/** For each model and metric, the mean over the model's runs in each draw; the first entry is the whole table's. */
export type CellDraws = ReadonlyMap<string, Record<CellMetric, Float64Array>>;

/**
 * Measures every model on the same customers drawn with replacement, again and again (paired bootstrap).
 * @param models predictions of each, one a seed
 */
export async function bootstrapCells(
  actual: Float64Array,
  models: ReadonlyMap<string, readonly Float64Array[]>,
  draws: number,
  { seed, progress = silentProgress }: { seed: string; progress?: ProgressReporter },
): Promise<CellDraws> {
  const random = new Random(seed);
  const actualRanking = rank(actual);
  const ranked = [...models].map(([name, runs]) => ({
    runs: runs.map((predicted) => new RankedPrediction(actual, predicted)),
    draws: emptyDraws(draws + 1),
    name,
  }));
  for (let draw = 0; draw <= draws; draw++) {
    const resample = resampleOf(actual, actualRanking, draw === 0 ? everyone(actual) : drawCounts(actual, random));
    for (const model of ranked) {
      const values = model.runs.map((run) => run.measure(resample));
      for (const metric of cellMetrics) {
        model.draws[metric][draw] = values.reduce((sum, value) => sum + value[metric], 0) / values.length;
      }
    }
    await progress.report('bootstrapping', draw / draws);
  }
  return new Map(ranked.map((model) => [model.name, model.draws]));
}

const everyone = ({ length }: Float64Array): Uint16Array => new Uint16Array(length).fill(1);

function drawCounts({ length }: Float64Array, random: Random): Uint16Array {
  const counts = new Uint16Array(length);
  for (let i = 0; i < length; i++) counts[random.integer(length)]!++;
  return counts;
}

function emptyDraws(size: number): Record<CellMetric, Float64Array> {
  const entries = cellMetrics.map((metric) => [metric, new Float64Array(size)] as const);
  return Object.fromEntries(entries) as Record<CellMetric, Float64Array>;
}
