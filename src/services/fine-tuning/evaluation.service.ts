import type { DataSource } from 'typeorm';
import { dayMs, dayOf, startOfDay } from '../../days.js';
import { ClvError } from '../../errors.js';
import { computeLabels, iterateFeatures } from '../../ml/features/compute-features.js';
import { buildModelInput } from '../../ml/features/model-input.js';
import type { FeatureRow } from '../../ml/features/feature-row.js';
import type { ZilnParameters } from '../../ml/model/ziln-distribution.js';
import { priorPrediction, type ServedPrediction } from '../../ml/scoring/served-prediction.js';
import { evaluate, type EvaluationReport } from '../../ml/training/evaluation.js';
import type { JobHooks } from '../../progress.js';
import { exampleOf, scoreCustomers } from '../scoring/customer-scoring.js';
import { learntUntil } from '../models/learnt-until.js';
import type { LoadedModel, ModelLoader } from '../models/loaded-model.js';
import { naiveRanks } from './naive-ranks.js';
import { lastKnownDay } from '../preprocessing/stray-orders.js';

interface EvaluationRequest {
  readonly modelId: string;
  readonly asOf: Date;
  readonly horizonDays: number;
}

export interface Evaluation {
  readonly report: EvaluationReport;
  /** Whether training knew nothing of what happened. Otherwise the figures flatter the model. */
  readonly isHoldout: boolean;
}

/**
 * Compares a model's predictions as of a past date with what then happened. The model sees nothing from after that date.
 * @throws ClvError INSUFFICIENT_DATA where the horizon is not over in the data, or nobody had bought before the date
 */
export async function runEvaluation(
  dataSource: DataSource,
  models: ModelLoader,
  { modelId, asOf, horizonDays }: EvaluationRequest,
  { progress, signal }: JobHooks,
): Promise<Evaluation> {
  await requireClosedHorizon(dataSource, asOf, horizonDays);
  await using model = await models.byId(modelId);
  const [counted] = await dataSource.query<{ count: number }[]>('select count(*)::int as count from customer');
  const actual: number[] = [];
  const ranks: Record<string, number[]> = {};
  const predictions = newColumns();
  const prior = newColumns();
  for await (const batch of iterateFeatures(dataSource, { asOf, covariates: model.version.covariates })) {
    signal.throwIfAborted();
    const customerIds = batch.map(({ customerId }) => customerId);
    actual.push(...(await computeLabels(dataSource, { asOf, customerIds, horizonDays })));
    for (const scored of await scoreCustomers(model, batch, { horizonDays, signal })) predictions.push(scored);
    for (const row of batch) prior.push(priorOf(model, row, horizonDays));
    const features = batch.map((row) => row.features);
    for (const [name, scores] of Object.entries(naiveRanks(features, horizonDays)))
      (ranks[name] ??= []).push(...scores);
    await progress.report('evaluating', actual.length / Math.max(counted?.count ?? 1, 1));
  }
  if (actual.length === 0) {
    throw new ClvError(
      'INSUFFICIENT_DATA',
      `No customer had bought before ${asOf.toISOString()}: choose a later date, if need be with a shorter horizon.`,
    );
  }
  const report = evaluate({
    asOf: asOf.toISOString(),
    horizonDays,
    actual,
    model: predictions.columns,
    prior: prior.columns,
    naiveRanks: ranks,
  });
  return { report, isHoldout: await keepHoldout(dataSource, model, report) };
}

/** Columns of predictions. Of each customer of a large base as little as possible is kept: what was scored has texts, too. */
function newColumns() {
  const columns = { expectedValue: [] as number[], distribution: [] as ZilnParameters[] };
  return {
    columns,
    push({ expectedValue, logit, mu, sigma }: ServedPrediction): void {
      columns.expectedValue.push(expectedValue);
      columns.distribution.push({ logit, mu, sigma });
    },
  };
}

function priorOf(model: LoadedModel, row: FeatureRow, horizonDays: number): ServedPrediction {
  const { scaler, prior, scale } = model.bundle;
  return priorPrediction(exampleOf(model, buildModelInput({ row, horizonDays, scaler, prior })), scale);
}

/** @throws ClvError INSUFFICIENT_DATA where the horizon reaches beyond the data, as far as these are more than a few stray orders */
export async function requireClosedHorizon(dataSource: DataSource, asOf: Date, horizonDays: number): Promise<void> {
  const now = Date.now();
  const last = await lastKnownDay(dataSource, new Date(now + dayMs));
  const end = new Date(startOfDay(asOf).getTime() + horizonDays * dayMs);
  // Neither beyond the data nor into a day that is not over.
  if (last && Math.min(last.getTime() + dayMs, now) >= end.getTime()) return;
  const until = last ? `the data, stray last orders aside, ends on ${dayOf(last)}` : 'there are no purchases';
  throw new ClvError(
    'INSUFFICIENT_DATA',
    `The horizon from ${asOf.toISOString()} ends on ${dayOf(end)}, but ${until}. ` +
      'Choose an earlier as-of date or a shorter horizon.',
  );
}

/**
 * The newest evaluation on what training cannot have seen stays with the model, beside its validation metrics: that of a
 * date from which on nothing was known when its snapshot was made.
 * @returns whether it is one
 */
async function keepHoldout(
  dataSource: DataSource,
  { version }: LoadedModel,
  report: EvaluationReport,
): Promise<boolean> {
  const learnt = await learntUntil(dataSource.manager, version);
  if (startOfDay(new Date(report.asOf)).getTime() < learnt.getTime()) return false;
  const [, kept] = await dataSource.query<[unknown, number]>(
    `update model_version set metrics = metrics || jsonb_build_object('holdout', $2::jsonb) where id = $1`,
    [version.id, JSON.stringify(report)],
  );
  return kept > 0;
}
