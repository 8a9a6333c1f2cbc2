import type { TrainingWindow } from '../../ml/features/feature-row.js';
import type { OutlookPoint } from '../../ml/features/prior/base-outlook.js';
import type { HostModel } from '../../ml/model/weights.js';
import { Predictor } from '../../ml/scoring/predictor.js';
import {
  priorPrediction,
  raised,
  type ServedPrediction,
  toServedPrediction,
} from '../../ml/scoring/served-prediction.js';
import { type DistributionPredictions, evaluate, type EvaluationReport } from '../../ml/training/evaluation.js';
import { type Grade, gradeOf } from '../../ml/training/grade.js';
import { shiftLevel, type TrainingExample } from '../../ml/scoring/example.js';
import { type JobHooks, partOf } from '../../progress.js';
import { levelCalibration, levelCorrection } from './learn-level-correction.js';
import type { LevelCorrection } from './level-correction.js';
import { levelsToday } from './levels-today.js';
import { longestAskedDays } from '../predictions/asked-horizon.js';
import type { ModelLoader } from '../models/loaded-model.js';
import { naiveRanks } from './naive-ranks.js';
import { type HeldOut, spreadCorrection, spreadOfHeldOut } from './spread-correction.js';
import type { ServingBundle } from '../models/serving-bundle.js';
import type { SnapshotContent } from '../preprocessing/snapshots.service.js';
import type { TrainingData, ValidationData } from './training-data.js';
import { clamp, mean } from '../../math.js';
import { evenly } from '../../slices.js';

interface TrainedModel {
  readonly model: HostModel;
  /** What is known before the held-out customers were looked at. */
  readonly bundle: ServingBundle;
  readonly data: TrainingData;
  readonly snapshot: SnapshotContent;
  /** Id of the padding token. */
  readonly pad: number;
}

export interface ValidatedModel {
  readonly bundle: ServingBundle;
  readonly metrics: EvaluationReport | null;
  readonly grade: Grade;
}

/** Training rows that the level is calibrated on: its standard error is then some per cent. */
const calibrationRows = 8_000;

/**
 * Calibrates a trained model's level on training rows; on the held-out customers of the newest closed window it fits how far
 * apart its expected values are to be and the spread of its errors, and evaluates it.
 */
export async function validateModel(
  models: ModelLoader,
  trained: TrainedModel,
  { progress, signal }: JobHooks,
): Promise<ValidatedModel> {
  const { model, bundle: unfitted, data, snapshot, pad } = trained;
  const { validation, validationRows } = data;
  const window = snapshot.windows.find(({ validation: isValidation }) => isValidation);
  if (!window || validation.length === 0) return { bundle: unfitted, metrics: null, grade: 'E' };
  const predictor = new Predictor(await models.getEngine(), model, pad);
  try {
    const calibration = unfitted.priorOnly
      ? unfitted.level.calibration
      : await calibrationOf(predictor, calibrationSample(data.training), unfitted.scale, {
          signal,
          progress: partOf(progress, 0, 0.7),
        });
    const { scale, served } = await predictHeldOut(predictor, unfitted, data, {
      calibration,
      signal,
      progress: partOf(progress, 0.7, 0.9),
    });
    const prior = columnsOf(validation.map((example) => priorPrediction(example, scale)));
    // Only ZILN scales the prior's value: of the others, spread and present level are taken as they are.
    const isCorrected = model.spec.objective === 'ZILN' && !unfitted.priorOnly;
    const heldOut = {
      actual: validationRows.actual,
      model: served.map(({ expectedValue }) => expectedValue),
      prior: prior.expectedValue,
      horizonDays: window.horizonDays,
    };
    const shifts = isCorrected ? spreadOfHeldOut(heldOut) : null;
    const spread = isCorrected ? spreadCorrection(heldOut, snapshot.dailyValues) : null;
    const corrected = shifts ? served.map((each, i) => raised(each, shifts[i]!, scale)) : served;
    const metrics = evaluateHeldOut(window, validationRows, columnsOf(corrected), prior);
    const bundle = { ...unfitted, scale };
    const level = await levelOf(predictor, { ...trained, bundle }, heldOut, {
      calibration,
      isCorrected,
      signal,
      progress: partOf(progress, 0.9, 1),
    });
    return { bundle: { ...bundle, level, ...(spread && { spread }) }, metrics, grade: gradeOf(metrics) };
  } finally {
    await predictor.dispose();
  }
}

/** A sample that is spread evenly over the rows, so that all windows are in it. */
function calibrationSample(training: readonly TrainingExample[]): TrainingExample[] {
  return evenly(training.length, calibrationRows).map((row) => training[row]!);
}

/** `LevelCorrection.calibration`; 0 in objectives other than ZILN, in which the prior's value does not scale the prediction. */
async function calibrationOf(
  predictor: Predictor,
  sample: readonly TrainingExample[],
  scale: ServingBundle['scale'],
  { signal, progress }: JobHooks,
): Promise<number> {
  const { spec } = predictor;
  if (spec.objective !== 'ZILN') return 0;
  const raw = await predictor.predict(sample, {
    signal,
    onBatch: (done) => progress.report('calibrating', done / sample.length),
  });
  const { valueScale } = scale;
  return levelCalibration(
    sample.map((example, i) => ({
      actual: example.value * valueScale,
      predicted: toServedPrediction(spec, raw[i]!, example, scale).expectedValue,
      weight: example.weight,
    })),
  );
}

/** What a calibrated model serves to the held-out customers, with the spread of errors that it has among them. */
async function predictHeldOut(
  predictor: Predictor,
  { scale: unfitted, priorOnly }: ServingBundle,
  { validation, validationRows }: TrainingData,
  { calibration, signal, progress }: JobHooks & { readonly calibration: number },
): Promise<{ scale: ServingBundle['scale']; served: ServedPrediction[] }> {
  const shifted = validation.map((example) => shiftLevel(example, calibration));
  const raw = await predictor.predict(shifted, {
    signal,
    onBatch: (done) => progress.report('evaluating', done / validation.length),
  });
  const serve = (scale: ServingBundle['scale']) =>
    priorOnly
      ? shifted.map((example) => priorPrediction(example, scale))
      : raw.map((prediction, i) => toServedPrediction(predictor.spec, prediction, shifted[i]!, scale));
  const scale = { ...unfitted, residualSigma: spreadOfErrors(serve(unfitted), validationRows.actual) };
  return { scale, served: serve(scale) };
}

/** How the calibrated model's level is corrected over any horizon. @param isCorrected whether over those that were learnt, too */
async function levelOf(
  predictor: Predictor,
  { bundle, data, snapshot: { outlook, windows } }: TrainedModel,
  { model, prior, horizonDays }: HeldOut,
  { calibration, isCorrected, ...hooks }: JobHooks & { readonly calibration: number; readonly isCorrected: boolean },
): Promise<LevelCorrection> {
  const shortestDays = Math.min(...windows.map((window) => window.horizonDays));
  const horizons = outlook
    .map(({ days }) => days)
    .filter((days) => days >= shortestDays && days <= longestAskedDays(horizonDays));
  const today = isCorrected
    ? await levelsToday(predictor, bundle, data.base, { calibration, learntDays: horizonDays, horizons, ...hooks })
    : [];
  // The prior alone has its level over any horizon.
  return levelCorrection(model, bundle.priorOnly ? model : prior, {
    calibration,
    horizonDays,
    shortestDays,
    today,
    outlook: bundle.priorOnly ? outlook.map((point) => afterReturns(point, calibration)) : outlook,
  });
}

/** What the prior that is served expects. */
const afterReturns = (point: OutlookPoint, calibration: number): OutlookPoint => ({
  ...point,
  expected: point.expected * Math.exp(calibration),
});

function evaluateHeldOut(
  { asOf, horizonDays }: TrainingWindow,
  { rows, actual }: ValidationData,
  model: DistributionPredictions,
  prior: DistributionPredictions,
): EvaluationReport {
  const ranks = naiveRanks(
    rows.map(({ features }) => features),
    horizonDays,
  );
  return evaluate({ asOf, horizonDays, actual, model, prior, naiveRanks: ranks });
}

function columnsOf(served: readonly ServedPrediction[]) {
  return { expectedValue: served.map(({ expectedValue }) => expectedValue), distribution: served };
}

/** Standard deviation of ln(actual) - μ among those who bought; 1 with too few to tell. */
function spreadOfErrors(served: readonly ServedPrediction[], actual: readonly number[]): number {
  const errors = actual.flatMap((value, i) => (value > 0 ? [Math.log(value) - served[i]!.mu] : []));
  if (errors.length < 10) return 1;
  const centre = mean(errors);
  const variance = errors.reduce((sum, error) => sum + (error - centre) ** 2, 0) / (errors.length - 1);
  return clamp(Math.sqrt(variance), 0.1, 3);
}
