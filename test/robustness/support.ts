import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { dayMs } from '../../src/days.js';
import { summarise } from '../../src/ml/explain/summary.js';
import type { ExplanationContent } from '../../src/ml/explain/explanation.js';
import { silentProgress } from '../../src/progress.js';
import { CustomerClvService } from '../../src/services/predictions/customer-clv.service.js';
import { type ClvHistory, type CustomerClv, intervalOf } from '../../src/services/predictions/customer-clv.js';
import { ExplanationsService } from '../../src/services/explanations/explanations.service.js';
import { runFineTuning } from '../../src/services/fine-tuning/fine-tuning.service.js';
import type { Inference } from '../../src/services/inference/inference.js';
import type { ModelLoader } from '../../src/services/models/loaded-model.js';
import { ModelsService } from '../../src/services/models/models.service.js';
import { OrderCurrencies } from '../../src/services/customers/order-currencies.js';
import { PredictionsService } from '../../src/services/predictions/predictions.service.js';
import { runPreprocessing } from '../../src/services/preprocessing/preprocessing.service.js';
import { planShards } from '../../src/services/scoring/customer-shards.js';
import { finishScoring, scoreShard } from '../../src/services/scoring/scoring.service.js';
import type { FuzzShop } from './shops.js';
import { testConfig } from '../support/config.js';

const firstDay = Date.UTC(2023, 0, 1);
/** The longest that the API takes; it is asked beside the shop's own. */
const farHorizonDays = 1_826;
const signal = new AbortController().signal;

const dateOf = (day: number): Date => new Date(firstDay + day * dayMs);

/** What customers may write: any script, direction, joined emoji, markup, quotes, and text that looks like tokens. */
const texts = ['مرحبا ‮abc‬ ١٢٣', '👩‍👩‍👧‍👦🏳️‍🌈 sale!!!', '[CLS] [MASK] </s> <b>"\\n\t', 'ﷺ'.repeat(200), 'z̸̡a̵l̶g̷o', ' '];

/** In place of whatever was there. Ids go on, so that no cache takes one shop's model for another's. */
export async function writeShop(dataSource: DataSource, { orders, asOfDay }: FuzzShop): Promise<void> {
  await dataSource.query('truncate customer, product, snapshot, model_version cascade');
  await dataSource.query('insert into customer (external_id) select distinct unnest($1::text[])', [
    ['nobody', ...orders.map(({ customer }) => customer)],
  ]);
  await dataSource.query(
    `insert into customer_order (external_id, customer_id, placed_at, currency, total)
     select number, c.id, placed_at, 'EUR', round(total, 2)
     from unnest($1::text[], $2::timestamptz[], $3::numeric[]) with ordinality as t (customer, placed_at, total, number)
     join customer c on c.external_id = t.customer`,
    [
      orders.map(({ customer }) => customer),
      orders.map(({ day }) => dateOf(day)),
      orders.map(({ total }) => total.toFixed(2)),
    ],
  );
  const yesterday = dateOf(asOfDay - 1);
  await dataSource.query('select ensure_behavior_event_partitions($1, $1)', [yesterday]);
  await dataSource.query(
    `insert into behavior_event (occurred_at, external_id, customer_id, type, text, attributes)
     select $1::timestamptz, id::text, id, 'SEARCH', ($2::text[])[1 + id % $3::integer], '{}' from customer`,
    [yesterday, texts, texts.length],
  );
}

/** Preprocess, fine-tune with tiny settings, promote, score: as an administrator does. */
export async function train(dataSource: DataSource, models: ModelLoader, shop: FuzzShop): Promise<string> {
  const asOf = dateOf(shop.asOfDay);
  const { horizonDays } = shop;
  const { snapshotId } = await runPreprocessing(dataSource, { asOf, horizonDays, options: { maxTrainingRows: 210 } });
  const { modelId } = await runFineTuning(
    dataSource,
    models,
    { snapshotId, epochs: 1, batchSize: 64 },
    { config: testConfig(), progress: silentProgress, signal, runId: randomUUID() },
  );
  await new ModelsService(dataSource).promote(modelId);
  const period = { modelId, horizonDays, asOf };
  for (const shard of await planShards(dataSource, 1_000)) {
    await scoreShard(dataSource, models, period, shard, signal);
  }
  await finishScoring(dataSource, period, period);
  return modelId;
}

export interface Answer {
  readonly clv: CustomerClv;
  readonly history: ClvHistory;
  readonly explanation: ExplanationContent | null;
}

/** What `Customer.clv` says of some customers, the one without an order among them, for two horizons. */
export async function ask(dataSource: DataSource, inference: Inference, shop: FuzzShop): Promise<Answer[]> {
  const config = { ...testConfig(), asOf: dateOf(shop.asOfDay).toISOString() };
  const predictions = new PredictionsService(dataSource, config, inference);
  const service = new CustomerClvService(
    dataSource,
    new OrderCurrencies(dataSource, config.currency),
    predictions,
    new ExplanationsService(dataSource, inference),
    config.horizonDays,
  );
  const customers = await dataSource.query<{ id: string }[]>(
    `(select id from customer where external_id = 'nobody') union
     (select customer_id from customer_summary order by spend desc limit 1) union
     (select customer_id from customer_summary order by first_day is null, md5(customer_id::text) limit 2)`,
  );
  const requests = customers.flatMap(({ id: customerId }) =>
    [shop.horizonDays, farHorizonDays].map((horizonDays) => ({ customerId, horizonDays })),
  );
  const clvs = await service.clv(requests);
  const explanations = await service.explain(clvs.map((clv) => ({ clv, words: true })));
  const histories = await service.histories(clvs);
  return clvs.map((clv, i) => ({ clv, history: histories[i]!, explanation: explanations[i]! }));
}

/** As the API says it. */
export function reasonOf({ clv, history }: Answer): string | null {
  const { prediction } = clv.served;
  return prediction ? prediction.basisReason : history.noBasisReason;
}

/** Everything that is wrong with an answer, in words. */
export function faultsOf(answer: Answer, shop: FuzzShop): string[] {
  const { clv, history, explanation } = answer;
  const { served, predicted, horizonDays, basis } = clv;
  const { historic, total } = history;
  const [inner, outer] = [intervalOf(clv, 0.8), intervalOf(clv, 0.95)];
  const orders = shop.orders.filter(({ day }) => day < shop.asOfDay);
  const most = Math.max(...boughtByCustomer(orders).values(), 0);
  const observed = Math.max(shop.asOfDay - Math.min(...orders.map(({ day }) => day), shop.asOfDay), 1);
  // Three times what anybody bought, in a window of half the history at least, days rounded down.
  const bound = 6.1 * most * Math.max(horizonDays / observed, 1) + 1e-6 * most;
  const checks: Record<string, boolean> = {
    'a number that is not finite': [
      ...numbersOf(answer),
      ...Object.values(history).filter((value) => typeof value === 'number'),
      ...Object.values(inner),
      ...Object.values(outer),
    ].every(Number.isFinite),
    'a negative value': predicted >= 0,
    [`more than ${bound}`]: predicted <= bound,
    'a total that is no sum': Math.abs(total - historic - predicted) < 0.006 + 1e-12 * Math.abs(total),
    'a probability outside 0 to 1': clv.purchaseProbability >= 0 && clv.purchaseProbability <= 1,
    'more purchase days than days': clv.predictedOrders >= 0 && clv.predictedOrders <= horizonDays,
    'fewer purchases than the probability of one': clv.predictedOrders >= clv.purchaseProbability * (1 - 1e-6),
    'an interval that is not in order': 0 <= inner.lower && inner.lower <= inner.upper,
    'a narrower interval at a higher level': outer.lower <= inner.lower && inner.upper <= outer.upper,
    'a percentile outside 0 to 100': clv.percentile === null || (clv.percentile >= 0 && clv.percentile <= 100),
    'a reason for basis MODEL, or none for another': (reasonOf(answer) === null) === (basis === 'MODEL'),
    'a value without basis':
      basis !== 'NONE' || (predicted === 0 && served.prediction === null && explanation === null),
    'no explanation': basis === 'NONE' || explanation !== null,
    ...(explanation && explanationChecks(explanation, predicted)),
  };
  const where = `${served.customerId} over ${horizonDays} days (${basis})`;
  return Object.entries(checks).flatMap(([fault, fine]) =>
    fine ? [] : [`${where}: ${fault}: ${JSON.stringify(clv)}`],
  );
}

function explanationChecks(explanation: ExplanationContent, predicted: number): Record<string, boolean> {
  const { baseline, contributions, residual } = explanation;
  const sum = contributions.reduce((amounts, { amount }) => amounts + amount, baseline + residual);
  return {
    'an explanation of another value': explanation.predicted === predicted,
    'contributions that do not add up': Math.abs(sum - predicted) < 0.005 + 1e-12 * predicted,
    'a summary without sense': !/NaN|Infinity|undefined/.test(summarise(explanation, 'EUR', 'en')),
  };
}

function numbersOf({ clv, history }: Answer): number[] {
  const { predicted, purchaseProbability, churnProbability, predictedOrders, percentile, served } = clv;
  const { mu, sigma } = served.prediction ?? {};
  const values = [predicted, purchaseProbability, churnProbability, predictedOrders, percentile, mu, sigma];
  const dates = [history.expectedNextOrderDate, clv.computedAt].flatMap((date) => date?.getTime() ?? []);
  return [...values.filter((value) => typeof value === 'number'), ...dates];
}

/** Returns not subtracted. */
function boughtByCustomer(orders: FuzzShop['orders']): Map<string, number> {
  const bought = new Map<string, number>();
  for (const { customer, total } of orders) bought.set(customer, (bought.get(customer) ?? 0) + Math.max(total, 0));
  return bought;
}
