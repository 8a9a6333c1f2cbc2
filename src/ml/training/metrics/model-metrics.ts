import { ClvError } from '../../../errors.js';
import { areaUnderRoc, brierScore, decileMape, normalizedGini, spearman, topDecileShare } from './ranking.js';
import { bias, meanAbsoluteError, meanSquaredError, rSquared } from './regression.js';

/** How good predictions were on customers whose horizon has passed. Null: the data do not define it. Plain JSON. */
export interface ModelMetrics {
  customers: number;
  mse: number;
  rmse: number;
  mae: number;
  r2: number | null;
  spearman: number | null;
  normalizedGini: number | null;
  decileMape: number | null;
  /** Sum predicted / sum actual - 1. */
  bias: number | null;
  /** Share of the actual value that the best-ranked tenth has. */
  topDecileShare: number | null;
  /** Of the event that the customer buys again, like `brier`; null without probabilities. */
  auc: number | null;
  brier: number | null;
}

interface EvaluatedPredictions {
  /** Net value in the horizon; a customer with a value above 0 bought again. */
  actual: ArrayLike<number>;
  predicted: ArrayLike<number>;
  purchaseProbability?: ArrayLike<number>;
}

/** @throws ClvError INSUFFICIENT_DATA without customers; INTERNAL for columns of other lengths or without numbers */
export function evaluatePredictions(predictions: EvaluatedPredictions): ModelMetrics {
  const { actual, predicted, purchaseProbability } = predictions;
  if (actual.length === 0) {
    throw new ClvError('INSUFFICIENT_DATA', 'There are no customers to evaluate the predictions on.');
  }
  checkColumns(predictions);
  const mse = meanSquaredError(actual, predicted);
  const boughtAgain = Array.from(actual, (value) => value > 0);
  return {
    customers: actual.length,
    mse,
    rmse: Math.sqrt(mse),
    mae: meanAbsoluteError(actual, predicted),
    r2: rSquared(actual, predicted),
    spearman: spearman(actual, predicted),
    normalizedGini: normalizedGini(actual, predicted),
    decileMape: decileMape(actual, predicted),
    bias: bias(actual, predicted),
    topDecileShare: topDecileShare(actual, predicted),
    auc: purchaseProbability ? areaUnderRoc(boughtAgain, purchaseProbability) : null,
    brier: purchaseProbability ? brierScore(boughtAgain, purchaseProbability) : null,
  };
}

function checkColumns(predictions: EvaluatedPredictions): void {
  const count = predictions.actual.length;
  for (const [name, column] of Object.entries(predictions) as [string, ArrayLike<number> | undefined][]) {
    if (!column) continue;
    if (column.length !== count) {
      throw new ClvError('INTERNAL', `Evaluation column "${name}" has ${column.length} values for ${count} customers.`);
    }
    for (let i = 0; i < count; i++) {
      if (Number.isFinite(column[i])) continue;
      throw new ClvError(
        'INTERNAL',
        `Evaluation column "${name}" holds ${column[i]} in row ${i}: every value must be a number.`,
      );
    }
  }
}
