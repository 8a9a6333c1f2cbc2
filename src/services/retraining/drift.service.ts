import type { DataSource, EntityManager } from 'typeorm';
import { throughDeadlocks } from '../../database/through-deadlocks.js';
import { DriftReport } from '../../entities/index.js';
import { ClvError } from '../../errors.js';
import type { NarrativeSpan } from '../../ml/features/feature-group.js';
import type { FeatureRow } from '../../ml/features/feature-row.js';
import { logit } from '../../math.js';
import { type JobHooks, partOf } from '../../progress.js';
import { baseSampleSize, sampleBase } from '../preprocessing/base-sample.js';
import { type ScoredCustomer, scoreInBatches } from '../scoring/customer-scoring.js';
import { type DriftMeasure, measureOf } from './drift-measure.js';
import type { LoadedModel, ModelLoader } from '../models/loaded-model.js';
import { findKeptPredictions, type PredictionPeriod } from '../predictions/prediction-store.js';
import { readSnapshot, type SnapshotContent } from '../preprocessing/snapshots.service.js';

/** Further horizons that are predicted, so that predictions can be checked long before a year is over. */
const earlyHorizons = [30, 90];

type SampledPrediction = Pick<ScoredCustomer, 'customerId' | 'expectedValue' | 'logit' | 'mu' | 'sigma'>;

/** Drift that is not stored yet. */
interface MeasuredDrift {
  readonly drift: DriftMeasure;
  readonly horizons: readonly number[];
  /** Predictions of the sample of the scored base, by horizon. */
  readonly predictions: readonly (readonly SampledPrediction[])[];
}

/** Measures drift as `driftOf` does, and stores it. */
export async function measureDrift(
  dataSource: DataSource,
  models: ModelLoader,
  period: PredictionPeriod,
  hooks: JobHooks,
): Promise<DriftReport | null> {
  const measured = await driftOf(dataSource, models, period, hooks);
  return measured && keepDrift(dataSource, period, measured);
}

/**
 * Measures how much the customers of a date differ from those that a model learnt from, on samples of both.
 * @returns null where there is nothing to compare with: the model's snapshot is gone, or was made by an earlier version
 */
export async function driftOf(
  dataSource: DataSource,
  models: ModelLoader,
  period: PredictionPeriod,
  { progress, signal }: JobHooks,
): Promise<MeasuredDrift | null> {
  await using model = await models.byId(period.modelId);
  const snapshot = await snapshotOf(dataSource, model);
  if (!snapshot) return null;
  await progress.report('measuring drift', 0);
  const reference = await referenceRows(dataSource, snapshot);
  const { covariates } = model.version;
  const current = await sampleBase(dataSource, { asOf: period.asOf, covariates }, signal);
  if (reference.length === 0 || current.length === 0) return null;
  const isKept = await dataSource.manager.existsBy(DriftReport, period);
  // If the period was measured before, the sample keeps its first predictions.
  const early = isKept ? [] : earlyHorizons.filter((days) => days < period.horizonDays);
  const horizons = [period.horizonDays, ...early];
  const predict = (rows: readonly FeatureRow[], horizonDays: number, place: number) =>
    scoreInBatches(model, rows, horizonDays, 'measuring drift', {
      progress: partOf(progress, place / (horizons.length + 1), (place + 1) / (horizons.length + 1)),
      signal,
    });
  const expected = await predict(reference, period.horizonDays, 0);
  const kept = await keptPredictions(dataSource, period, current);
  const predictions: SampledPrediction[][] = [];
  for (const [place, days] of horizons.entries()) {
    const known = days === period.horizonDays ? kept : new Map<string, SampledPrediction>();
    const unknown = current.filter(({ customerId }) => !known.has(customerId));
    predictions.push([...known.values(), ...(await predict(unknown, days, place + 1))]);
  }
  const drift = measureOf(
    snapshot.scaler,
    { rows: reference, predictions: expected },
    {
      rows: current,
      predictions: predictions[0]!,
    },
  );
  return { drift, horizons, predictions };
}

/**
 * Stores what was measured, in place of an earlier result for the same period, and the first predictions of the sample. It waits for a
 * ranking of the model's predictions.
 */
export function keepDrift(
  dataSource: DataSource,
  period: PredictionPeriod,
  measured: MeasuredDrift,
): Promise<DriftReport> {
  // Erasures lock customers in another order.
  return throughDeadlocks(() => dataSource.transaction((manager) => keep(manager, period, measured)));
}

async function snapshotOf(dataSource: DataSource, { version }: LoadedModel): Promise<SnapshotContent | null> {
  if (version.snapshotId === null) return null;
  try {
    return await readSnapshot(dataSource, version.snapshotId);
  } catch (error) {
    if (error instanceof ClvError && (error.code === 'NOT_FOUND' || error.code === 'CONFLICT')) return null;
    throw error;
  }
}

/**
 * Training rows of the newest date, which have each customer once. Older rows would show that the base has grown older, which is no
 * drift.
 */
async function referenceRows(dataSource: DataSource, { id, windows }: SnapshotContent): Promise<FeatureRow[]> {
  const place = windows.reduce((newest, { asOf }, i) => (asOf > windows[newest]!.asOf ? i : newest), 0);
  const rows = await dataSource.query<
    { customerId: string; features: (number | null)[]; narrative: NarrativeSpan[] }[]
  >(
    `select customer_id as "customerId", features, narrative from snapshot_row
     where snapshot_id = $1 and "window" = $2 and split = 'TRAIN' order by md5(customer_id::text) limit $3`,
    [id, place, baseSampleSize],
  );
  return rows.map((row) => ({ ...row, asOf: new Date(windows[place]!.asOf) }));
}

/** Predictions that a scoring of the period has just stored, by customer. */
async function keptPredictions(
  dataSource: DataSource,
  period: PredictionPeriod,
  rows: readonly FeatureRow[],
): Promise<Map<string, SampledPrediction>> {
  const ids = rows.map(({ customerId }) => customerId);
  const kept = (await findKeptPredictions(dataSource, period, ids)).flatMap(({ prediction }) => prediction ?? []);
  return new Map(
    kept.map(({ customerId, expectedValue, purchaseProbability, mu, sigma }) => [
      customerId,
      { customerId, expectedValue, logit: logit(purchaseProbability), mu, sigma },
    ]),
  );
}

async function keep(
  manager: EntityManager,
  { modelId, asOf, horizonDays }: PredictionPeriod,
  { drift, horizons, predictions }: MeasuredDrift,
): Promise<DriftReport> {
  // One at a time, since a scoring and a retrain may measure the same period.
  await manager.query('select from model_version where id = $1 for no key update', [modelId]);
  // Locked, since saving the report as it was read would undo realised metrics that are stored meanwhile.
  const lock = { mode: 'for_no_key_update' } as const;
  const earlier = await manager.findOne(DriftReport, { where: { modelId, asOf, horizonDays }, lock });
  const report = await manager.save(
    Object.assign(earlier ?? manager.create(DriftReport, { modelId, asOf, horizonDays }), {
      drift,
      measuredAt: new Date(),
    }),
  );
  // The first predictions stay, since they are compared with the outcome.
  if (earlier) return report;
  for (const [i, days] of horizons.entries()) {
    const scored = predictions[i]!;
    await manager.query(
      `insert into drift_sample (report_id, horizon_days, customer_id, expected_value, logit, mu, sigma)
       select $1, $2, n.* from unnest($3::bigint[], $4::float8[], $5::real[], $6::real[], $7::real[])
         as n (customer_id, expected_value, logit, mu, sigma)
       join customer c on c.id = n.customer_id -- not those who were erased meanwhile
       for key share of c`,
      [
        report.id,
        days,
        scored.map(({ customerId }) => customerId),
        scored.map(({ expectedValue }) => expectedValue),
        scored.map(({ logit }) => logit),
        scored.map(({ mu }) => mu),
        scored.map(({ sigma }) => sigma),
      ],
    );
  }
  return report;
}
