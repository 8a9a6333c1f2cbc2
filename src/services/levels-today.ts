import type { BtydPrior } from '../ml/features/prior/fit-prior.js';
import type { ModelSpec } from '../ml/model/spec.js';
import { shiftLevel } from '../ml/scoring/example.js';
import type { Predictor } from '../ml/scoring/predictor.js';
import { priorPrediction, toServedPrediction } from '../ml/scoring/served-prediction.js';
import type { ProgressReporter } from '../progress.js';
import { modelInputOf } from './customer-scoring.js';
import { type LevelPoint, levelRatio } from './level-correction.js';
import type { ServingBundle } from './serving-bundle.js';
import type { TrainingData } from './training-data.js';

/** Held-out customers that the level is measured on: its standard error is then a per cent or two. */
const sampleSize = 2_000;

interface Options {
  readonly calibration: number;
  /** Longer than any that was learnt, ascending, in days. */
  readonly horizons: readonly number[];
  readonly progress: ProgressReporter;
  readonly signal: AbortSignal;
}

/**
 * What a calibrated model expects of held-out customers in all over what the prior does, over horizons whose outcome was
 * never seen.
 * @param window the newest closed one, and the prior that was fitted before it
 */
export async function levelsBeyond(
  predictor: Predictor,
  spec: ModelSpec,
  bundle: ServingBundle,
  { validation, validationRows }: Pick<TrainingData, 'validation' | 'validationRows'>,
  { prior, horizonDays: learntDays }: { readonly prior: BtydPrior; readonly horizonDays: number },
  { calibration, horizons, progress, signal }: Options,
): Promise<LevelPoint[]> {
  const { scale } = bundle;
  const step = Math.max(validation.length / sampleSize, 1);
  const sample = Array.from({ length: Math.floor(validation.length / step) }, (_, i) => Math.floor(i * step));
  // As at the window's date, with a level that nothing is known of yet.
  const level = { calibration, ratio: 1, horizonDays: learntDays, outlook: [] };
  const model = { bundle: { ...bundle, prior, level } };
  const points: LevelPoint[] = [];
  for (const [done, days] of horizons.entries()) {
    await progress.report('measuring longer horizons', done / horizons.length);
    const examples = sample.map((i) => {
      const { numeric, prior: told } = modelInputOf(model, validationRows.rows[i]!, days);
      return { ...validation[i]!, numeric, prior: [told[0], told[1] - Math.log(scale.valueScale)] as const };
    });
    const raw = await predictor.predict(examples, { signal });
    const ratio = levelRatio(
      raw.map((each, i) => toServedPrediction(spec, each, examples[i]!, scale).expectedValue),
      examples.map((each) => priorPrediction(shiftLevel(each, -calibration), scale).expectedValue),
    );
    if (ratio !== null) points.push({ days, ratio });
  }
  return points;
}
