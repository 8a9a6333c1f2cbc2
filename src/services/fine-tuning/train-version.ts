import type { DataSource } from 'typeorm';
import type { ModelVersion } from '../../entities/index.js';
import { maxTextTokens, type ModelSpec } from '../../ml/model/spec.js';
import { withShopWords } from '../../ml/model/shop-vocabulary.js';
import { wholeBuckets } from '../../ml/scoring/batches.js';
import { asServed, wordReadingOf } from '../../ml/model/served-model.js';
import { type SerialisedModel, serialiseModel } from '../../ml/model/serialise.js';
import { initialiseModel } from '../../ml/model/weights.js';
import { numericTokenNames } from '../../ml/features/model-input.js';
import { type EpochRecord, type FineTuneInput, fineTune, type TrainingState } from '../../ml/training/fine-tune.js';
import { deserialiseTrainingState, serialiseTrainingState } from '../../ml/training/training-checkpoint.js';
import { valueTiers } from '../../ml/training/value-tiers.js';
import type { TokenizerFiles } from '../../ml/text/tokenizer.js';
import { partOf } from '../../progress.js';
import { loadBase } from '../models/base-checkpoint.js';
import {
  defaultLearningRate,
  type FineTuningContext,
  type FineTuningResult,
  type FineTuningSettings,
} from './fine-tuning.types.js';
import { noCorrection } from './level-correction.js';
import type { ModelLoader } from '../models/loaded-model.js';
import { deleteArtifact, loadArtifact, saveArtifact } from '../models/model-artifacts.service.js';
import type { ModelMetrics } from '../models/model-metrics.js';
import { chooseScoringPrecision } from './scoring-precision.js';
import { type ServingBundle, weightsFormat } from '../models/serving-bundle.js';
import { sampleBase } from '../preprocessing/base-sample.js';
import type { SnapshotContent } from '../preprocessing/snapshots.service.js';
import { typicalCustomer } from '../explanations/typical-customer.js';
import { encodeTrainingData, type TrainingData } from './training-data.js';
import { tooLittleToTrain } from './training-readiness.js';
import { type ValidatedModel, validateModel } from './model-validation.js';

/** Rows that an epoch of the whole model reads; what more there are, the numbers' training reads. */
const rowsPerEpoch = 16_000;
/** Longest narrative; what is further back is cut off. */
const longestText = 64;
const loraRank = 8;

/** Number of epochs of the whole model: the records less that of the prior and that of the training on numbers. */
export function wholeModelEpochs(history: readonly EpochRecord[]): number {
  return Math.max(history.length - 2, 0);
}

interface Training {
  readonly snapshot: SnapshotContent;
  readonly version: ModelVersion;
  readonly settings: FineTuningSettings;
}

/** Trains the version's model on the snapshot, checks it, and stores it as a CANDIDATE. */
export async function trainVersion(
  dataSource: DataSource,
  models: ModelLoader,
  { snapshot, version, settings }: Training,
  context: FineTuningContext,
): Promise<FineTuningResult> {
  const { progress, signal } = context;
  await progress.report('loading the base checkpoint', 0);
  const loaded = await loadBase(settings.base, context.config, { progress: partOf(progress, 0, 0.05), signal });
  const baseRows = await sampleBase(dataSource, snapshot, signal);
  const narratives = baseRows.map(({ narrative }) => narrative);
  const base = await withShopWords(loaded, narratives);
  const maxTokens = Math.min(longestText, wholeBuckets(maxTextTokens(base.spec)));
  const reading = { tokenizer: base.tokenizer, maxTokens };
  const data = await encodeTrainingData(dataSource, snapshot, baseRows, reading, {
    progress: partOf(progress, 0.05, 0.1),
    signal,
  });
  const spec = specOf(settings, base.spec, numericTokenNames(snapshot.scaler), data);
  const input: FineTuneInput = {
    spec,
    initialWeights: initialiseModel(spec, base.weights, settings.seed),
    training: data.training,
    validation: data.validation,
    pad: base.tokenizer.special.pad,
    mask: base.tokenizer.special.mask,
    settings: trainingSettings(settings),
  };
  const tooLittle = tooLittleToTrain(data);
  const tokenizer = base.tokenizer.files;
  const state = tooLittle
    ? null
    : await trainWithCheckpoints(dataSource, models, version, { input, tokenizer }, context);
  const weights = state?.best.weights ?? input.initialWeights;
  const priorOnly = tooLittle ?? (state?.best.epoch === 0 ? 'TRAINING_DID_NOT_HELP' : null);
  const bundle: ServingBundle = {
    format: weightsFormat,
    scaler: snapshot.scaler,
    prior: snapshot.prior,
    scale: data.scale,
    maxTokens,
    // What a network learns of returns from labels, the prior knows not: it counts days of purchase.
    level: { ...noCorrection, calibration: priorOnly ? snapshot.spend.afterReturns : 0 },
    typical: typicalCustomer(data, snapshot.scaler),
    activationRanges: null,
    priorOnly,
  };
  const model = { spec, weights };
  const trained = { model, bundle, data, snapshot, pad: input.pad };
  const validated = await validateModel(models, trained, { progress: partOf(progress, 0.93, 0.98), signal });
  await progress.report('choosing the precision', 0.98);
  const fitted = { ...data, scale: validated.bundle.scale };
  const precision = await chooseScoringPrecision(await models.getEngine(), model, fitted, { pad: input.pad, signal });
  const history = state?.history ?? [];
  await storeOutcome(dataSource, version, {
    model: { ...model, tokenizer },
    validated,
    precision,
    history,
    snapshot,
  });
  return { modelId: version.id, grade: validated.grade, epochs: wholeModelEpochs(history) };
}

interface Outcome {
  readonly model: SerialisedModel;
  readonly validated: ValidatedModel;
  readonly precision: Awaited<ReturnType<typeof chooseScoringPrecision>>;
  readonly history: readonly EpochRecord[];
  readonly snapshot: SnapshotContent;
}

/** Stores, in one transaction, the weights that serve, in place of the checkpoint, and the record that makes the model a CANDIDATE. */
async function storeOutcome(
  dataSource: DataSource,
  version: ModelVersion,
  { model, validated, precision: { record: precision, ranges }, history, snapshot }: Outcome,
): Promise<void> {
  const { bundle, metrics: validation, grade } = validated;
  const { level, priorOnly } = bundle;
  const isKnown = priorOnly === null && level.horizonDays !== noCorrection.horizonDays;
  const horizons = isKnown ? { asked: snapshot.horizonDays, learnt: level.horizonDays } : null;
  const words = wordReadingOf(asServed(model));
  const silentSince = snapshot.report.silentSince ?? null;
  const metrics: ModelMetrics = { validation, history, precision, words, horizons, silentSince };
  const serving: ServingBundle = { ...bundle, activationRanges: ranges };
  await dataSource.transaction(async (manager) => {
    await saveArtifact(manager, version.id, 'MODEL', serialiseModel(model));
    await deleteArtifact(manager, version.id, 'CHECKPOINT');
    await manager.save(Object.assign(version, { state: 'CANDIDATE', serving, metrics, grade }));
  });
}

async function trainWithCheckpoints(
  dataSource: DataSource,
  models: ModelLoader,
  version: ModelVersion,
  { input, tokenizer }: { readonly input: FineTuneInput; readonly tokenizer: TokenizerFiles },
  { progress, signal }: FineTuningContext,
): Promise<TrainingState> {
  const checkpoint = await loadArtifact(dataSource.manager, version.id, 'CHECKPOINT');
  const start = { ...input, tokenizer };
  const resumeFrom = checkpoint && deserialiseTrainingState(checkpoint, start);
  return fineTune(await models.getEngine(), input, {
    progress: partOf(progress, 0.1, 0.93),
    signal,
    onEpoch: (state) =>
      saveArtifact(dataSource.manager, version.id, 'CHECKPOINT', serialiseTrainingState(state, start)),
    ...(resumeFrom ? { resumeFrom } : {}),
  });
}

/** Each costs some seconds; trainings that differ in nothing but their seed are three times as alike as with one. */
const numbersNetworks = 4;

function specOf(
  settings: FineTuningSettings,
  encoder: ModelSpec['encoder'],
  numericFeatures: string[],
  data: TrainingData,
): ModelSpec {
  const { objective, strategy } = settings;
  const spec: ModelSpec = { encoder, numericFeatures, numbersNetworks, objective, strategy, loraRank };
  if (objective !== 'CLASSIFICATION') return spec;
  const { bounds, means } = valueTiers(data.training.map(({ value }) => value));
  return { ...spec, classBounds: bounds, classMeans: means };
}

function trainingSettings({ epochs, batchSize, learningRate, seed }: FineTuningSettings) {
  return {
    epochs,
    rowsPerEpoch,
    batchSize,
    seed,
    learningRate: learningRate ?? defaultLearningRate,
    encoderShare: 0.25,
    weightDecay: 0.01,
    warmupShare: 0.1,
    // Where text does not help, the first epoch shows it.
    patience: 1,
    spanMasking: 0.5,
  };
}
