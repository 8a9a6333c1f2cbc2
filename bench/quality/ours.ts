import { createHash } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { type Config, loadConfig } from '../../src/config.js';
import { ClvError } from '../../src/errors.js';
import { sigmoid } from '../../src/math.js';
import type { FeatureRow } from '../../src/ml/features/feature-row.js';
import { zilnInterval } from '../../src/ml/model/ziln-distribution.js';
import type { ServedPrediction } from '../../src/ml/scoring/served-prediction.js';
import { partOf, type ProgressReporter } from '../../src/progress.js';
import { scoreCustomers } from '../../src/services/scoring/customer-scoring.js';
import { runFineTuning } from '../../src/services/fine-tuning/fine-tuning.service.js';
import type { FineTuningInput } from '../../src/services/fine-tuning/fine-tuning.types.js';
import { noCorrection } from '../../src/services/fine-tuning/level-correction.js';
import { type LoadedModel, ModelLoader } from '../../src/services/models/loaded-model.js';
import { readSnapshot } from '../../src/services/preprocessing/snapshots.service.js';
import { codeVersion } from './code-version.js';
import { type Cell, toCsv } from './csv.js';
import type { FoldRecord } from './folds.js';
import type { FoldName, Protocol } from './protocols.js';
import { type PredictionRecord, recordPath } from './records.js';
import { priorFor, testRows } from './test-rows.js';
import { checksumOf, filesOf, writeJson, writeWhole } from './work-folder.js';

/** Our model, or what is left of it without one of its parts. */
export interface Variant {
  readonly name: string;
  /** Where the product's defaults are not taken. */
  readonly settings?: () => Promise<Omit<FineTuningInput, 'snapshotId' | 'seed'>>;
  /** Makes the snapshot that this variant learns from; without it, the fold's own. */
  readonly snapshot?: (training: DataSource, snapshotId: string) => Promise<string>;
  /** What it sees of a customer. */
  readonly row?: (row: FeatureRow) => FeatureRow;
  /** Whether the prior answers instead of our model, which is trained all the same: the spread of errors is its. */
  readonly priorOnly?: boolean;
}

export const ours: Variant = { name: 'ours' };

export interface OursTask {
  readonly protocol: Protocol;
  readonly fold: FoldName;
  readonly seed: number;
  readonly variant: Variant;
  /** Forget an earlier model of this task; without it, one that was interrupted goes on. */
  readonly fresh: boolean;
}

/** Trains by the product's service, with its defaults, and writes the predictions for the test customers. */
export async function runOurs(
  { full, training }: { full: DataSource; training: DataSource },
  task: OursTask,
  { snapshotId }: FoldRecord,
  progress: ProgressReporter,
): Promise<void> {
  const { protocol, fold, seed, variant } = task;
  const began = performance.now();
  const models = new ModelLoader(training, benchConfig());
  try {
    const snapshot = variant.snapshot ? await variant.snapshot(training, snapshotId) : snapshotId;
    const tuned = await fineTuned(training, models, task, snapshot, partOf(progress, 0, 0.9));
    const model = await modelFor(task, training, await models.byId(tuned.modelId), snapshot);
    const files = filesOf(protocol, fold);
    const path = files.prediction(variant.name, seed);
    await writeWhole(path, await predictionsCsv(full, model, task, partOf(progress, 0.9, 1)));
    const record: PredictionRecord = {
      data_sha256: await checksumOf(files),
      ours: { code: await codeVersion(), grade: tuned.grade, epochs: tuned.epochs },
      seconds: { all: (performance.now() - began) / 1000 },
    };
    await writeJson(recordPath(path), record);
  } finally {
    await models.close();
  }
}

/** The product's defaults; only what executes the model may be chosen, and no `.env` is read. */
export function benchConfig(): Config {
  const chosen = ['CLVGRAPH_THREADS', 'CLVGRAPH_ENGINE', 'CLVGRAPH_DEVICE'] as const;
  return loadConfig(Object.fromEntries(chosen.map((name) => [name, process.env[name]])), '').config;
}

async function fineTuned(
  training: DataSource,
  models: ModelLoader,
  { variant, seed, fresh }: OursTask,
  snapshotId: string,
  progress: ProgressReporter,
) {
  const runId = runIdOf(`${variant.priorOnly ? ours.name : variant.name} ${seed} ${snapshotId}`);
  if (fresh && !variant.priorOnly) await training.query('delete from model_version where run_id = $1', [runId]);
  const settings = await variant.settings?.();
  const signal = new AbortController().signal;
  return runFineTuning(
    training,
    models,
    { ...settings, snapshotId, seed },
    { config: benchConfig(), progress, signal, runId },
  );
}

/** Always the same id for a task, so that an interrupted one is found again. */
function runIdOf(task: string): string {
  const hex = createHash('md5').update(task).digest('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** With the prior that knows nothing from after the protocol's as-of date. */
async function modelFor(
  { protocol, variant }: OursTask,
  training: DataSource,
  model: LoadedModel,
  snapshotId: string,
): Promise<LoadedModel> {
  const prior = priorFor(protocol, await readSnapshot(training, snapshotId));
  const bundle = { ...model.bundle, prior };
  if (!variant.priorOnly) return { ...model, bundle };
  return { ...model, bundle: { ...bundle, priorOnly: 'TRAINING_DID_NOT_HELP', level: noCorrection } };
}

async function predictionsCsv(
  full: DataSource,
  model: LoadedModel,
  { protocol, fold, variant }: OursTask,
  progress: ProgressReporter,
): Promise<string> {
  const rows: Cell[][] = [];
  for await (const batch of testRows(full, protocol, fold)) {
    const seen = variant.row ? batch.rows.map(variant.row) : batch.rows;
    const served = await scoreCustomers(model, seen, { horizonDays: protocol.horizonDays });
    for (const [i, customer] of batch.customers.entries()) rows.push([customer, ...predictionCells(served[i]!)]);
    await progress.report('predicting', 0);
  }
  const interval = ['lower80', 'upper80', 'lower95', 'upper95'];
  return toCsv(['customer', 'expected_value', 'purchase_probability', 'logit', 'mu', 'sigma', ...interval], rows);
}

/** @throws ClvError INTERNAL for what is no number: a wrong prediction must stop the bench, not average out */
function predictionCells({ expectedValue, logit, mu, sigma }: ServedPrediction): number[] {
  const [inner, outer] = [0.8, 0.95].map((level) => zilnInterval({ logit, mu, sigma }, level));
  const bounds = [inner!.lower, inner!.upper, outer!.lower, outer!.upper];
  const cells = [expectedValue, sigmoid(logit), logit, mu, sigma, ...bounds];
  if (cells.every(Number.isFinite)) return cells;
  throw new ClvError('INTERNAL', `Our model predicted ${cells.join(', ')}.`);
}
