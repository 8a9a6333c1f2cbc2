import type { BtydPrior } from '../ml/features/prior/fit-prior.js';
import { buildModelInput } from '../ml/features/model-input.js';
import { carriedOn } from '../ml/features/prior/carry-on.js';
import { rfmOf } from '../ml/features/rfm.js';
import type { ModelSpec } from '../ml/model/spec.js';
import type { Predictor } from '../ml/scoring/predictor.js';
import { priorPrediction, toServedPrediction } from '../ml/scoring/served-prediction.js';
import type { ProgressReporter } from '../progress.js';
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
  { scaler, scale }: Pick<ServingBundle, 'scaler' | 'scale'>,
  { validation, validationRows }: Pick<TrainingData, 'validation' | 'validationRows'>,
  { prior, horizonDays: learntDays }: { readonly prior: BtydPrior; readonly horizonDays: number },
  { calibration, horizons, progress, signal }: Options,
): Promise<LevelPoint[]> {
  const step = Math.max(validation.length / sampleSize, 1);
  const sample = Array.from({ length: Math.floor(validation.length / step) }, (_, i) => Math.floor(i * step));
  const points: LevelPoint[] = [];
  for (const [i, days] of horizons.entries()) {
    await progress.report('measuring longer horizons', i / horizons.length);
    const examples = sample.map((i) => {
      const row = validationRows.rows[i]!;
      const { numeric, prior: told } = buildModelInput({ row, horizonDays: days, scaler, prior });
      const carried = carriedOn(prior, rfmOf(row.features), { horizonDays: days, learntDays }, row.asOf);
      return { ...validation[i]!, numeric, prior: [told[0], told[1] + carried - Math.log(scale.valueScale)] as const };
    });
    const shifted = examples.map((each) => ({ ...each, prior: [each.prior[0], each.prior[1] + calibration] as const }));
    const raw = await predictor.predict(shifted, { signal });
    const ratio = levelRatio(
      raw.map((each, i) => toServedPrediction(spec, each, shifted[i]!, scale).expectedValue),
      examples.map((each) => priorPrediction(each, scale).expectedValue),
    );
    if (ratio !== null) points.push({ days, ratio });
  }
  return points;
}
