import type { Engine } from '../../ml/engine/engine.js';
import { quantisableWeights } from '../../ml/model/quantised-weights.js';
import { asServed } from '../../ml/model/served-model.js';
import type { HostModel } from '../../ml/model/weights.js';
import { type ActivationRanges, observeActivations } from '../../ml/scoring/activation-ranges.js';
import { Predictor } from '../../ml/scoring/predictor.js';
import { toServedPrediction } from '../../ml/scoring/served-prediction.js';
import { normalizedGini } from '../../ml/training/metrics/ranking.js';
import { quantile } from '../../math.js';
import { evenly } from '../../slices.js';
import type { TrainingData } from './training-data.js';

export const scoringPrecisions = ['FLOAT32', 'INT8'] as const;

/** How a model's predictions are computed, and why so. Plain JSON in its record. */
export interface ScoringPrecision {
  readonly precision: (typeof scoringPrecisions)[number];
  readonly reason: string;
  /** 99th percentile of |INT8 / FLOAT32 - 1| over the held-out customers; null where it was not measured. */
  readonly relativeChange: number | null;
}

/** Training rows by which the scale of the integers is set. */
const observedRows = 1_024;
/** Greatest 99th percentile of the held-out customers' relative change. */
const largestChange = 0.01;
/** Gini must be the same to three decimals. */
const largestGiniChange = 0.0005;

/**
 * Whether 8-bit integers may take the place of floats in the model's linear layers: only where the held-out customers
 * of the newest closed window get the same answer.
 * @returns the ranges that make the integers, null for float32
 */
export async function chooseScoringPrecision(
  engine: Engine,
  model: HostModel,
  { training, validation, validationRows, scale }: TrainingData,
  { pad, signal }: { pad: number; signal: AbortSignal },
): Promise<{ record: ScoringPrecision; ranges: ActivationRanges | null }> {
  const float32 = (reason: string, relativeChange: number | null = null) => ({
    record: { precision: 'FLOAT32' as const, reason, relativeChange },
    ranges: null,
  });
  if (!asServed(model).encodes) return float32('The encoder changes no prediction, so that nothing is encoded.');
  if (!engine.quantises) return float32(`This engine has no fast products of 8-bit integers: ${engine.description}.`);
  if (quantisableWeights(model.spec.encoder).length === 0)
    return float32('An encoder of one layer would gain nothing.');
  // Spread evenly over the rows, of which those of the oldest windows come first.
  const observed = evenly(training.length, observedRows).map((row) => training[row]!);
  const ranges = await observeActivations(engine, model, observed, pad);
  if (Object.keys(ranges).length === 0 || validation.length === 0) return float32('There are too few rows to try it.');

  const valuesWith = async (tried: ActivationRanges | null): Promise<number[]> => {
    const predictor = new Predictor(engine, model, pad, tried);
    try {
      const raw = await predictor.predict(validation, { signal });
      return raw.map((each, i) => toServedPrediction(model.spec, each, validation[i]!, scale).expectedValue);
    } finally {
      await predictor.dispose();
    }
  };
  const [exact, quantised] = [await valuesWith(null), await valuesWith(ranges)];
  const changes = exact.map((value, i) => Math.abs(quantised[i]! / value - 1)).sort((a, b) => a - b);
  const relativeChange = quantile(changes, 0.99);
  const gini = (values: number[]) => normalizedGini(validationRows.actual, values) ?? 0;
  const giniChange = Math.abs(gini(quantised) - gini(exact));
  const shown = `changes the value of 99 % of the held-out customers by ${(100 * relativeChange).toPrecision(2)} % at most`;
  if (!(relativeChange <= largestChange))
    return float32(`INT8 ${shown}; ${100 * largestChange} % is allowed.`, relativeChange);
  if (giniChange >= largestGiniChange) {
    return float32(
      `INT8 changes the Gini by ${giniChange.toPrecision(2)}; ${largestGiniChange} is allowed.`,
      relativeChange,
    );
  }
  return { record: { precision: 'INT8', reason: `It ${shown}, and not the Gini.`, relativeChange }, ranges };
}
