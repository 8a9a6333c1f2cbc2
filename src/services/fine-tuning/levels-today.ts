import { anchored, inUnitsOf, shiftLevel } from '../../ml/scoring/example.js';
import type { Predictor } from '../../ml/scoring/predictor.js';
import { priorPrediction, toServedPrediction } from '../../ml/scoring/served-prediction.js';
import type { JobHooks } from '../../progress.js';
import { modelInputOf } from '../scoring/customer-scoring.js';
import { levelRatio } from './learn-level-correction.js';
import { type LevelPoint, noCorrection } from './level-correction.js';
import type { ServingBundle } from '../models/serving-bundle.js';
import type { BaseSample } from './training-data.js';

interface Options extends JobHooks {
  readonly calibration: number;
  /** The longest that was learnt. */
  readonly learntDays: number;
  /** Ascending, in days. */
  readonly horizons: readonly number[];
}

/** A calibrated model's level over its prior's, of customers as of the snapshot's date, for each horizon. */
export async function levelsToday(
  predictor: Predictor,
  bundle: ServingBundle,
  { rows, examples: told }: BaseSample,
  { calibration, learntDays, horizons, progress, signal }: Options,
): Promise<LevelPoint[]> {
  const { scale } = bundle;
  // The level is not known yet: scored with the calibration alone.
  const level = { ...noCorrection, calibration, horizonDays: learntDays };
  const model = { bundle: { ...bundle, level } };
  const points: LevelPoint[] = [];
  for (const [done, days] of horizons.entries()) {
    await progress.report('measuring the level', done / horizons.length);
    const examples = rows.map((row, i) => {
      const input = modelInputOf(model, row, days);
      return { ...told[i]!, numeric: input.numeric, prior: anchored(inUnitsOf(scale.valueScale, input)) };
    });
    const raw = await predictor.predict(examples, { signal });
    const ratio = levelRatio(
      raw.map((each, i) => toServedPrediction(predictor.spec, each, examples[i]!, scale).expectedValue),
      examples.map((each) => priorPrediction(shiftLevel(each, -calibration), scale).expectedValue),
    );
    if (ratio !== null) points.push({ days, ratio });
  }
  return points;
}
