import type { DataSource } from 'typeorm';
import type { Config } from '../../config.js';
import { throughDeadlocks } from '../../database/through-deadlocks.js';
import { ClvError } from '../../errors.js';
import { sigmoid } from '../../math.js';
import { computeFeatures } from '../../ml/features/compute-features.js';
import type { Inference } from '../inference/inference.js';
import { MicroBatcher } from '../micro-batcher.js';
import { covariatesOf } from '../models/find-model.js';
import type { PriorOnlyReason } from '../models/serving-bundle.js';
import type { ScoredCustomer } from '../scoring/customer-scoring.js';
import {
  factsChangedAtOf,
  isRanked,
  keyOfPeriod,
  type PredictionPeriod,
  saveAmongRanked,
  type StoredPrediction,
} from './prediction-store.js';
import { noModelId } from './prior-models.js';

/** A customer whose prediction must be computed. */
interface MissingPrediction {
  readonly period: PredictionPeriod;
  readonly customerId: string;
}

/** Requests within `waitMs` share a batch; while a batch is in the model, further requests are gathered for the next one. */
const batching = { waitMs: 10, maxSize: 1_000, concurrency: 1 };

/** Computes predictions; those of concurrent requests in one batch of the model. */
export class FreshPredictions {
  private readonly computing = new MicroBatcher(
    (missing: readonly MissingPrediction[]) => this.computeAll(missing),
    batching,
  );

  constructor(
    private readonly dataSource: DataSource,
    private readonly config: Pick<Config, 'horizonDays'>,
    private readonly inference: Inference,
  ) {}

  /** Predictions of those of the customers who have bought before the as-of date. */
  async of(period: PredictionPeriod, customerIds: readonly string[]): Promise<StoredPrediction[]> {
    const computed = await this.computing.load(customerIds.map((customerId) => ({ period, customerId })));
    return computed.filter((prediction) => prediction !== null);
  }

  /** Computes what waiting requests need, each customer once. */
  private async computeAll(missing: readonly MissingPrediction[]): Promise<(StoredPrediction | null)[]> {
    const groups = new Map<string, MissingPrediction & { readonly customerIds: Set<string> }>();
    for (const each of missing) {
      const group = groups.get(keyOfPeriod(each.period)) ?? { ...each, customerIds: new Set() };
      group.customerIds.add(each.customerId);
      groups.set(keyOfPeriod(each.period), group);
    }
    const computed = new Map<string, StoredPrediction>();
    for (const [key, { period, customerIds }] of groups) {
      for (const prediction of await this.compute(period, [...customerIds])) {
        computed.set(`${key}/${prediction.customerId}`, prediction);
      }
    }
    return missing.map(({ period, customerId }) => computed.get(`${keyOfPeriod(period)}/${customerId}`) ?? null);
  }

  private async compute(period: PredictionPeriod, customerIds: readonly string[]): Promise<StoredPrediction[]> {
    const factsChangedAt = await factsChangedAtOf(this.dataSource, customerIds);
    const covariates = await covariatesOf(this.dataSource, period.modelId);
    const rows = await computeFeatures(this.dataSource, { asOf: period.asOf, customerIds, covariates });
    if (rows.length === 0) return [];
    const scored = await this.inference.score(period, rows).catch(nullIfUnusable);
    if (!scored) {
      const byPrior = await this.inference.score(byNoModel(period), rows);
      return byPrior.map((each) => ({ ...unstored(each), basisReason: unusable }));
    }
    if (!(await this.isStored(period))) return scored.map(unstored);
    return throughDeadlocks(() => saveAmongRanked(this.dataSource, period, scored, factsChangedAt));
  }

  /** Whether predictions of the period are stored. Not those of any horizon: each would add a row for every customer. */
  private async isStored(period: PredictionPeriod): Promise<boolean> {
    if (period.modelId === noModelId) return false;
    return period.horizonDays === this.config.horizonDays || (await isRanked(this.dataSource, period));
  }
}

/** The reason why the prior replaces an active model of an earlier version, whose stored predictions are still served. */
const unusable: PriorOnlyReason = 'ACTIVE_MODEL_UNUSABLE';
const noModel: PriorOnlyReason = 'NO_ACTIVE_MODEL';

/** Whether the prediction is by a prior that was fitted on demand. */
export const isWithoutModel = ({ basisReason }: Pick<StoredPrediction, 'basisReason'>): boolean =>
  basisReason === unusable || basisReason === noModel;

/** The period of predictions by the prior. @param fit of the prior; the current one where not given */
export const byNoModel = (period: PredictionPeriod, fit?: string): PredictionPeriod => ({
  ...period,
  modelId: noModelId,
  fit,
});

/** For calls that need a model: null if this version cannot use it. */
export function nullIfUnusable(error: unknown): null {
  if (error instanceof ClvError && error.code === 'MODEL_NOT_READY') return null;
  throw error;
}

/** For calls about values that were served before: null, too, if their model was replaced and deleted since. */
export function nullIfUnusableOrDeleted(error: unknown): null {
  if (error instanceof ClvError && error.code === 'NOT_FOUND') return null;
  return nullIfUnusable(error);
}

/** A prediction that is neither stored nor ranked. */
function unstored({ logit, ...scored }: ScoredCustomer): StoredPrediction {
  return { ...scored, purchaseProbability: sigmoid(logit), percentile: null, computedAt: new Date() };
}
