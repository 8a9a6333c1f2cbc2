import type { DataSource } from 'typeorm';
import { dayOf, startOfDay } from '../../days.js';
import { ModelComparison, type ModelVersion, type Snapshot } from '../../entities/index.js';
import { ClvError } from '../../errors.js';
import { withCovariates } from '../../ml/features/covariates.js';
import type { BtydPrior } from '../../ml/features/prior/fit-prior.js';
import { type Comparison, compareModels } from '../../ml/training/comparison.js';
import type { DistributionPredictions } from '../../ml/training/evaluation.js';
import { type JobHooks, partOf } from '../../progress.js';
import { type ComparisonSample, heldOutSample, pastSample } from './comparison-sample.js';
import { isOfThisVersion } from '../preprocessing/snapshots.service.js';
import { scoreInBatches } from '../scoring/customer-scoring.js';
import { requireClosedHorizon } from '../fine-tuning/evaluation.service.js';
import { findSnapshotOf, requireModel } from './find-model.js';
import { knownLearntUntil } from './learnt-until.js';
import type { LoadedModel, ModelLoader } from './loaded-model.js';
import type { ServingBundle } from './serving-bundle.js';

export const comparisonWarningCodes = ['TRAINED_ON_WINDOW', 'SNAPSHOT_UNKNOWN'] as const;

/** Why a comparison may favour one of its models. */
export interface ComparisonWarning {
  readonly code: (typeof comparisonWarningCodes)[number];
  readonly modelId: string;
  readonly message: string;
}

/** Stored in `ModelComparison.report`. */
export interface ComparisonReport extends Comparison {
  /** ISO date-time and days of the window that was compared on. */
  readonly asOf: string;
  readonly horizonDays: number;
  /** Whether only customers that are held out from every training were compared. */
  readonly heldOutOnly: boolean;
  readonly warnings: readonly ComparisonWarning[];
}

export interface ComparisonRequest {
  readonly modelId: string;
  readonly againstId: string;
  /** By default the newest closed window of the later of the two snapshots. */
  readonly period?: { readonly asOf: Date; readonly horizonDays: number } | undefined;
}

interface Compared {
  readonly version: ModelVersion;
  /** Null if it was deleted, or made by an earlier version. */
  readonly snapshot: Snapshot | null;
  /** Up to when it has seen labels; null where that is not known. */
  readonly learnt: Date | null;
}

/**
 * Compares a model with another on the same customers, and stores the result. The customers are those held out in the newest closed window
 * of the later snapshot, or all who had bought before a given date. If a model has learnt from labels of the window, only held-out
 * customers are compared, with a warning, and the prior is refitted on the history before the window.
 * @throws ClvError NOT_FOUND, MODEL_NOT_READY, CONFLICT, INSUFFICIENT_DATA
 */
export async function runComparison(
  dataSource: DataSource,
  models: ModelLoader,
  { modelId, againstId, period }: ComparisonRequest,
  { progress, signal }: JobHooks,
): Promise<ModelComparison> {
  const [a, b] = [await comparedModel(dataSource, modelId), await comparedModel(dataSource, againstId)];
  await progress.report('drawing customers', 0);
  const warnings = period ? [a, b].flatMap((compared) => warningOf(compared, period.asOf)) : [];
  const splits = warnings.length > 0 ? (['VALIDATION'] as const) : (['TRAIN', 'VALIDATION'] as const);
  if (period) await requireClosedHorizon(dataSource, period.asOf, period.horizonDays);
  const covariates = [...new Set([a, b].flatMap(({ version }) => version.covariates))];
  const sample = period
    ? await pastSample(dataSource, period, splits, covariates, signal)
    : await heldOutSampleOf(dataSource, [a, b], covariates, signal);
  const predict = async (compared: Compared, from: number, to: number) => {
    const knowsMore = warningOf(compared, sample.asOf).length > 0;
    await using model = await models.byId(compared.version.id);
    return await predictSample(model, sample, knowsMore, {
      progress: partOf(progress, from, to),
      signal,
    });
  };
  const comparison = await compareModels(
    {
      actual: sample.actual,
      a: await predict(a, 0.05, 0.3),
      b: await predict(b, 0.3, 0.55),
      names: { a: `Model ${modelId}`, b: `model ${againstId}` },
    },
    { progress: partOf(progress, 0.55, 1), signal },
  );
  const report: ComparisonReport = {
    ...comparison,
    asOf: sample.asOf.toISOString(),
    horizonDays: sample.horizonDays,
    heldOutOnly: !period || warnings.length > 0,
    warnings: [a, b].flatMap((compared) => warningOf(compared, sample.asOf)),
  };
  return dataSource.manager.save(
    dataSource.manager.create(ModelComparison, { modelId, againstId, report }),
  );
}

async function comparedModel({ manager }: DataSource, id: string): Promise<Compared> {
  const version = await requireModel(manager, id);
  const snapshot = await findSnapshotOf(manager, version);
  return {
    version,
    snapshot: snapshot && isOfThisVersion(snapshot) ? snapshot : null,
    learnt: await knownLearntUntil(manager, version),
  };
}

/** On the later snapshot; if that is deleted meanwhile, on the other one. @throws ClvError INSUFFICIENT_DATA, CONFLICT */
async function heldOutSampleOf(
  dataSource: DataSource,
  compared: readonly Compared[],
  covariates: readonly string[],
  signal: AbortSignal,
): Promise<ComparisonSample> {
  const snapshots = compared.flatMap(({ snapshot }) => snapshot ?? []);
  snapshots.sort((a, b) => b.asOf.getTime() - a.asOf.getTime() || Number(b.id) - Number(a.id));
  for (const { id } of snapshots) {
    try {
      return await heldOutSample(dataSource, id, covariates, signal);
    } catch (error) {
      if (!(error instanceof ClvError && error.code === 'NOT_FOUND')) throw error;
    }
  }
  throw new ClvError(
    'INSUFFICIENT_DATA',
    'The snapshots of both models are gone or were made by an earlier version, and their held-out customers with them. ' +
      'Give an as-of date and a horizon, or compare models whose snapshots are still there.',
  );
}

function warningOf({ version, learnt }: Compared, asOf: Date): ComparisonWarning[] {
  const { id: modelId } = version;
  if (!learnt) {
    const message = `The snapshot of model ${modelId} is gone: it may have been trained on labels of this window.`;
    return [{ code: 'SNAPSHOT_UNKNOWN', modelId, message }];
  }
  if (learnt.getTime() <= startOfDay(asOf).getTime()) return [];
  const message =
    `Model ${modelId} was trained on labels up to ${dayOf(learnt)}, some of this very window, ` +
    'though of other customers: it knows the level and the season of this time, which no model can know beforehand.';
  return [{ code: 'TRAINED_ON_WINDOW', modelId, message }];
}

async function predictSample(
  model: LoadedModel,
  { rows, horizonDays, priorOf }: ComparisonSample,
  knowsMore: boolean,
  hooks: JobHooks,
): Promise<DistributionPredictions> {
  const { covariates } = model.version;
  const atTheTime = knowsMore ? { ...model, bundle: withPriorOf(model.bundle, await priorOf(covariates)) } : model;
  // The sample's narratives have the attributes of both models.
  const own = rows.map((row) => ({ ...row, narrative: withCovariates(row.narrative, covariates) }));
  const scored = await scoreInBatches(atTheTime, own, horizonDays, 'predicting', hooks);
  return { expectedValue: scored.map(({ expectedValue }) => expectedValue), distribution: scored };
}

/**
 * The bundle with a prior that does not know what came after the date. The bounds by the current pace of the shop are left out, too, since
 * they do.
 */
function withPriorOf(bundle: ServingBundle, prior: BtydPrior): ServingBundle {
  return { ...bundle, prior, level: { ...bundle.level, today: [], outlook: [] } };
}
