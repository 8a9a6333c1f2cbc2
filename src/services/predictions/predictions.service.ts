import { LRUCache } from 'lru-cache';
import type { DataSource } from 'typeorm';
import type { Config } from '../../config.js';
import { ClvError } from '../../errors.js';
import { findServingState } from '../models/active-model.js';
import type { Inference } from '../inference/inference.js';
import { byNoModel, FreshPredictions, isWithoutModel } from './fresh-predictions.js';
import { PredictionMemory, type ReadAt } from './prediction-memory.js';
import {
  findKeptPredictions,
  isRanked,
  type KeptPrediction,
  keyOfPeriod,
  placesAmongRanked,
  type PredictionPeriod,
  type StoredPrediction,
} from './prediction-store.js';
import { noModelId } from './prior-models.js';
import { asOfGiven } from './serving-as-of.js';

/** A customer's prediction as it is served; `prediction` is null for a customer who has bought nothing yet. */
export interface ServedClv {
  readonly customerId: string;
  readonly period: PredictionPeriod;
  readonly prediction: StoredPrediction | null;
  /** For a null `prediction`: whether the base was ranked for the horizon, and so the customer is below all. */
  readonly belowRanked?: boolean;
  /** `Customer.factsVersion` that it was computed from, where known. */
  readonly factsVersion?: string | undefined;
}

export interface ClvRequest {
  readonly customerId: string;
  readonly horizonDays: number;
  /** `Customer.factsVersion`, if it has just been read: then the cache may be used. */
  readonly factsVersion?: string | undefined;
}

type Found = Pick<ServedClv, 'prediction' | 'belowRanked' | 'factsVersion'>;

/** Number of periods for which it is cached whether the base was ranked. */
const rememberedPeriods = 1_000;

/** Predictions of customers: stored ones that are still valid, and fresh ones, computed in one batch, for the others. */
export class PredictionsService {
  private readonly fresh: FreshPredictions;
  private readonly memory = new PredictionMemory();
  /** Whether a period is ranked, by ranking and period: ranking a base changes `ranking`. */
  private readonly ranked = new LRUCache<string, boolean>({ max: rememberedPeriods });

  constructor(
    private readonly dataSource: DataSource,
    private readonly config: Pick<Config, 'asOf' | 'horizonDays'>,
    inference: Inference,
  ) {
    this.fresh = new FreshPredictions(dataSource, config, inference);
  }

  /** Answers in the order of the requests, with a number of SQL statements that does not grow with them. */
  async predict(requests: readonly ClvRequest[]): Promise<ServedClv[]> {
    try {
      return await this.predictByActive(requests);
    } catch (error) {
      if (!(error instanceof ClvError && error.code === 'NOT_FOUND')) throw error;
      // The model was replaced and deleted meanwhile.
      return this.predictByActive(requests);
    }
  }

  private async predictByActive(requests: readonly ClvRequest[]): Promise<ServedClv[]> {
    const { model, ranking, lastDay } = await findServingState(this.dataSource);
    const asOf = asOfGiven(this.config, model, lastDay);
    const answers = new Map<number, { period: PredictionPeriod; found: Map<string, Found>; none: Found }>();
    for (const [horizonDays, group] of groupByHorizon(requests)) {
      const period = { modelId: model?.id ?? noModelId, horizonDays, asOf };
      const found = await this.predictPeriod(period, ranking, group);
      const someHaveNone = [...group.keys()].some((customerId) => !found.get(customerId)?.prediction);
      const belowRanked = someHaveNone && (await this.isRanked(period, ranking));
      answers.set(horizonDays, { period, found, none: { prediction: null, belowRanked } });
    }
    return requests.map(({ customerId, horizonDays }) => {
      const { period, found, none } = answers.get(horizonDays)!;
      const known = found.get(customerId);
      const answer = known?.prediction ? known : { ...known, ...none };
      const { prediction } = answer;
      return {
        customerId,
        period: prediction && isWithoutModel(prediction) ? byNoModel(period, prediction.fit) : period,
        ...answer,
      };
    });
  }

  private async isRanked(period: PredictionPeriod, ranking: string | null): Promise<boolean> {
    if (ranking === null) return false;
    const key = `${ranking}/${keyOfPeriod(period)}`;
    const known = this.ranked.get(key);
    if (known !== undefined) return known;
    const ranked = await isRanked(this.dataSource, period);
    this.ranked.set(key, ranked);
    return ranked;
  }

  /** Fills in percentiles: a scoring writes values long before it ranks them. Until then they are placed as fresh ones are. */
  private async placed(
    period: PredictionPeriod,
    ranking: string | null,
    kept: readonly KeptPrediction[],
  ): Promise<readonly KeptPrediction[]> {
    const unplaced = kept.flatMap(({ prediction }) => (prediction?.percentile === null ? prediction : []));
    if (unplaced.length === 0 || !(await this.isRanked(period, ranking))) return kept;
    const values = unplaced.map(({ expectedValue }) => expectedValue);
    const places = await placesAmongRanked(this.dataSource, period, values);
    const placed = new Map(
      unplaced.map((prediction, i) => [prediction.customerId, { ...prediction, percentile: places[i] ?? null }]),
    );
    return kept.map((each) => ({ ...each, prediction: placed.get(each.customerId) ?? each.prediction }));
  }

  private async predictPeriod(
    period: PredictionPeriod,
    ranking: string | null,
    requests: ReadonlyMap<string, ClvRequest>,
  ): Promise<Map<string, Found>> {
    const found = new Map<string, Found>();
    const unknown = new Map<string, ClvRequest>();
    for (const request of requests.values()) {
      const { customerId, factsVersion } = request;
      const known = factsVersion ? this.memory.recall(customerId, { ranking, period, factsVersion }) : undefined;
      if (known === undefined) unknown.set(customerId, request);
      else found.set(customerId, { prediction: known, factsVersion });
    }
    if (unknown.size === 0) return found;
    const missing = new Map<string, ReadAt>();
    const stored = await findKeptPredictions(this.dataSource, period, [...unknown.keys()]);
    const kept = await this.placed(period, ranking, stored);
    for (const { customerId, factsVersion, prediction } of kept) {
      unknown.delete(customerId);
      const readAt = { ranking, period, factsVersion };
      const known = prediction ?? this.memory.recall(customerId, readAt);
      if (!known) missing.set(customerId, readAt);
      else {
        found.set(customerId, { prediction: known, factsVersion });
        this.memory.keep(customerId, known, readAt);
      }
    }
    for (const { customerId, factsVersion } of unknown.values()) {
      found.set(customerId, { prediction: null, factsVersion });
      if (factsVersion) this.memory.keep(customerId, null, { ranking, period, factsVersion });
    }
    if (missing.size === 0) return found;
    for (const prediction of await this.fresh.of(period, [...missing.keys()])) {
      const { customerId } = prediction;
      const readAt = missing.get(customerId)!;
      found.set(customerId, { prediction, factsVersion: readAt.factsVersion });
      // The prior that is used without a model is refitted now and then, and all predictions are to be of the newest fit.
      if (!isWithoutModel(prediction)) this.memory.keep(customerId, prediction, readAt);
    }
    return found;
  }
}

/** Requests by horizon, each customer once. If two have read different facts of a customer, the cache is used for neither. */
function groupByHorizon(requests: readonly ClvRequest[]): Map<number, Map<string, ClvRequest>> {
  const groups = new Map<number, Map<string, ClvRequest>>();
  for (const request of requests) {
    const group = groups.get(request.horizonDays) ?? new Map<string, ClvRequest>();
    const { customerId, horizonDays, factsVersion } = request;
    const other = group.get(customerId);
    group.set(customerId, other && other.factsVersion !== factsVersion ? { customerId, horizonDays } : request);
    groups.set(horizonDays, group);
  }
  return groups;
}
