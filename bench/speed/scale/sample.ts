import type { DataSource } from 'typeorm';
import { computeFeatures } from '../../../src/ml/features/compute-features.js';
import type { ModelInput } from '../../../src/ml/features/feature-row.js';
import type { Example } from '../../../src/ml/scoring/example.js';
import { exampleOf, modelInputOf } from '../../../src/services/scoring/customer-scoring.js';
import type { LoadedModel } from '../../../src/services/models/loaded-model.js';
import { horizonDays } from './model-steps.js';
import { shopEnd } from './shop.js';

interface Sample {
  readonly inputs: readonly ModelInput[];
  readonly examples: readonly Example[];
}

/** What the model reads of some customers, drawn by a hash, so that they are spread over the base. */
export async function readSample(dataSource: DataSource, model: LoadedModel, size: number): Promise<Sample> {
  const found = await dataSource.query<{ id: string }[]>(
    `select customer_id as id from customer_summary where first_day < $1::date
     order by hashint8(customer_id), customer_id limit $2`,
    [shopEnd.toISOString(), size],
  );
  const customerIds = found.map(({ id }) => id);
  const { covariates } = model.version;
  const rows = await computeFeatures(dataSource.manager, { asOf: shopEnd, customerIds, covariates });
  const inputs = rows.map((row) => modelInputOf(model, row, horizonDays));
  return { inputs, examples: inputs.map((input) => exampleOf(model, input)) };
}
