import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import type { Config } from '../../../src/config.js';
import { silentProgress } from '../../../src/progress.js';
import { ApiKeysService } from '../../../src/services/api-keys.service.js';
import { generateDemoShop } from '../../../src/services/demo/demo-shop.service.js';
import { runFineTuning } from '../../../src/services/fine-tuning/fine-tuning.service.js';
import { ModelLoader } from '../../../src/services/models/loaded-model.js';
import { ModelsService } from '../../../src/services/models/models.service.js';
import { runPreprocessing } from '../../../src/services/preprocessing/preprocessing.service.js';
import { planShards } from '../../../src/services/scoring/customer-shards.js';
import { finishScoring, scoreShard } from '../../../src/services/scoring/scoring.service.js';

/** As of it everything is scored, for a year. */
export const asOf = new Date('2025-07-01T00:00:00Z');
const horizonDays = 365;
/** Those that have everything a customer of the demo shop has; the others are their copies. */
export const originals = 2_000;

const signal = new AbortController().signal;

/** The demo shop, a model trained on it, and what that predicts. */
export async function fillShop(database: DataSource, config: Config): Promise<void> {
  await generateDemoShop(database, { customers: originals, seed: 3, until: asOf });
  console.log('demo shop: written');
  const models = new ModelLoader(database, config);
  const options = { maxTrainingRows: 2_000 };
  const { snapshotId } = await runPreprocessing(database, { asOf, horizonDays, options });
  const { modelId } = await runFineTuning(
    database,
    models,
    { snapshotId, epochs: 1 },
    { config, progress: silentProgress, signal, runId: randomUUID() },
  );
  console.log('model: trained');
  // One short epoch may not beat the prior; what is served is the model's, all the same.
  await database.query(`update model_version set serving = serving || '{"priorOnly": null}'`);
  await new ModelsService(database).promote(modelId);
  const period = { modelId, horizonDays, asOf };
  for (const shard of await planShards(database, 1_000)) {
    await scoreShard(database, models, period, shard, signal);
  }
  await models.close();
  console.log('customers: scored');
  await finishScoring(database, period, period);
}

/** Copies of the customers with their purchase days and predictions, so that there are as many; all are ranked anew. */
export async function enlargeShop(database: DataSource, customers: number): Promise<void> {
  await copyCustomers(database, customers / originals - 1);
  const [{ id: modelId }] = await database.query<[{ id: string }]>(
    `select id from model_version where state = 'ACTIVE'`,
  );
  const period = { modelId, horizonDays, asOf };
  await finishScoring(database, period, period);
  await database.query('vacuum (analyze)');
  console.log('customers: copied and ranked');
}

/** Their ids are the original's plus a multiple of `originals`. */
async function copyCustomers(database: DataSource, copies: number): Promise<void> {
  const copied = (columns: string) => `select ${columns} from copy, generate_series(1, ${copies}) k`;
  for (const [table, source, columns] of copiedTables) {
    const target = columns.join(', ');
    const values = columns.map((column) => rewritten[column] ?? column).join(', ');
    // A customer's summary comes into being with it, empty.
    if (table === 'customer_summary') await database.query(`delete from ${table} where customer_id > ${originals}`);
    await database.query(`with copy as (${source}) insert into ${table} (${target}) ${copied(values)}`);
  }
  await database.query(`select setval(pg_get_serial_sequence('customer', 'id'), (select max(id) from customer))`);
}

const rewritten: Readonly<Record<string, string>> = {
  id: `id + k * ${originals}`,
  customer_id: `customer_id + k * ${originals}`,
  external_id: `external_id || '/' || k`,
};

const copiedTables: readonly (readonly [table: string, source: string, columns: readonly string[]])[] = [
  [
    'customer',
    'select * from customer',
    ['id', 'source', 'external_id', 'country', 'attributes', 'facts_changed_at', 'created_at', 'updated_at'],
  ],
  [
    'customer_summary',
    'select * from customer_summary',
    [
      'customer_id',
      'first_day',
      'last_day',
      'occasions',
      'orders',
      'spend',
      'returned',
      'mean_occasion_value',
      'gap_mean_days',
    ],
  ],
  [
    'purchase_day',
    'select * from purchase_day',
    ['customer_id', 'day', 'net', 'gross', 'returned', 'items', 'products', 'orders'],
  ],
  [
    'prediction',
    'select * from prediction',
    [
      'model_id',
      'horizon_days',
      'as_of',
      'customer_id',
      'basis',
      'basis_reason',
      'expected_value',
      'purchase_probability',
      'mu',
      'sigma',
      'expected_orders',
      'facts_changed_at',
      'feature_hash',
    ],
  ],
];

/** A new key of the database's, good for everything. */
export async function createKey(database: DataSource): Promise<string> {
  return (await new ApiKeysService(database).create('benchmark', 'ADMIN')).key;
}
