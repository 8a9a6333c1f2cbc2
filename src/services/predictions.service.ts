import type { DataSource } from 'typeorm';
import type { Config } from '../config.js';
import { computeFeatures } from '../ml/features/compute-features.js';
import { scoreCustomers } from './customer-scoring.js';
import type { LoadedModel, ModelLoader } from './loaded-model.js';
import {
  findFreshPredictions,
  type PredictionPeriod,
  savePredictions,
  type StoredPrediction,
} from './prediction-store.js';
import { servingAsOf } from './serving-as-of.js';

/** A customer's prediction as it is served; `prediction` is null for a customer who has bought nothing yet. */
export interface ServedClv {
  readonly customerId: string;
  readonly period: PredictionPeriod;
  readonly prediction: StoredPrediction | null;
}

export interface ClvRequest {
  readonly customerId: string;
  readonly horizonDays: number;
}

/** Predictions for customers: kept ones while nothing has changed, fresh ones, all in one model batch, where it has. */
export class PredictionsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly config: Config,
    private readonly models: ModelLoader,
  ) {}

  /**
   * Answers in the order of the requests, with a number of SQL statements that does not grow with them.
   * @throws ClvError MODEL_NOT_READY where no model is active
   */
  async predict(requests: readonly ClvRequest[]): Promise<ServedClv[]> {
    const model = await this.models.active();
    const asOf = await servingAsOf(this.dataSource, this.config, model.version);
    const answers = new Map<string, ServedClv>();
    for (const [horizonDays, customerIds] of groupByHorizon(requests)) {
      const period = { modelId: model.version.id, horizonDays, asOf };
      const predictions = await this.predictPeriod(model, period, customerIds);
      for (const customerId of customerIds) {
        const prediction = predictions.get(customerId) ?? null;
        answers.set(`${horizonDays}/${customerId}`, { customerId, period, prediction });
      }
    }
    return requests.map(({ customerId, horizonDays }) => answers.get(`${horizonDays}/${customerId}`)!);
  }

  private async predictPeriod(
    model: LoadedModel,
    period: PredictionPeriod,
    customerIds: readonly string[],
  ): Promise<Map<string, StoredPrediction>> {
    const fresh = await findFreshPredictions(this.dataSource, period, customerIds);
    const found = new Map(fresh.map((prediction) => [prediction.customerId, prediction]));
    const missing = customerIds.filter((id) => !found.has(id));
    if (missing.length > 0) {
      for (const prediction of await this.compute(model, period, missing)) found.set(prediction.customerId, prediction);
    }
    return found;
  }

  private async compute(
    model: LoadedModel,
    period: PredictionPeriod,
    customerIds: readonly string[],
  ): Promise<StoredPrediction[]> {
    const factsChangedAt = await factsChangedAtOf(this.dataSource, customerIds);
    const rows = await computeFeatures(this.dataSource, { asOf: period.asOf, customerIds });
    if (rows.length === 0) return [];
    const scored = await scoreCustomers(model, rows, period);
    return savePredictions(this.dataSource, period, scored, factsChangedAt, 'estimate');
  }
}

/** `facts_changed_at` as text, which keeps its microseconds. */
export async function factsChangedAtOf(
  dataSource: DataSource,
  customerIds: readonly string[],
): Promise<Map<string, string>> {
  const rows = await dataSource.query<{ id: string; changed: string }[]>(
    'select id, facts_changed_at::text as changed from customer where id = any($1::bigint[])',
    [customerIds],
  );
  return new Map(rows.map(({ id, changed }) => [id, changed]));
}

function groupByHorizon(requests: readonly ClvRequest[]): Map<number, string[]> {
  const groups = new Map<number, Set<string>>();
  for (const { horizonDays, customerId } of requests) {
    const ids = groups.get(horizonDays) ?? new Set();
    groups.set(horizonDays, ids.add(customerId));
  }
  return new Map([...groups].map(([horizonDays, ids]) => [horizonDays, [...ids]]));
}
