import type { DataSource } from 'typeorm';
import { dayOf } from '../../../src/days.js';
import { partOf, type ProgressReporter } from '../../../src/progress.js';
import type { LoadedModel, ModelLoader } from '../../../src/services/models/loaded-model.js';
import type { Protocol } from '../protocols.js';
import { explain, randomCustomers } from './explained.js';
import { Games } from './game.js';
import { infidelityTest, type InfidelityResult, shapleyTest, type ShapleyResult } from './game-tests.js';
import { quantile } from './metrics.js';
import { randomisedTest, type RandomisedResult, sensitivityTest, type SensitivityResult } from './model-tests.js';
import { type OrderTest, orderTests } from './order-test.js';

export interface Measurements {
  /** ISO date. */
  readonly measuredOn: string;
  readonly customers: number;
  readonly grade: string;
  readonly completeness: { readonly errors: readonly number[]; readonly median: number; readonly p95: number };
  /** Quadrature points. */
  readonly steps: { readonly median: number; readonly most: number };
  readonly deletion: OrderTest;
  readonly insertion: OrderTest;
  readonly infidelity: InfidelityResult;
  readonly sensitivity: SensitivityResult;
  readonly randomised: readonly RandomisedResult[];
  readonly shapley: ShapleyResult;
}

interface MeasuringOptions {
  readonly customers: number;
  readonly shapleyCustomers: number;
  readonly progress: ProgressReporter;
}

/** Everything that the report says of one protocol. Every draw is seeded by protocol and customer. */
export async function measure(
  database: DataSource,
  models: ModelLoader,
  protocol: Protocol,
  { customers, shapleyCustomers, progress }: MeasuringOptions,
): Promise<Measurements> {
  const model = await newestModel(database, models);
  const { horizonDays, id } = protocol;
  const rows = await randomCustomers(database, protocol, customers);
  const games = new Games(model, horizonDays);
  const explained = await explain(model, rows, games, horizonDays, partOf(progress, 0, 0.1));
  const tests = await orderTests(id, games, explained, partOf(progress, 0.1, 0.3));
  const removal = await infidelityTest(id, games, explained, partOf(progress, 0.3, 0.4));
  const shapley = await shapleyTest(id, games, explained.slice(0, shapleyCustomers), partOf(progress, 0.4, 0.6));
  const sensitivity = await sensitivityTest(id, model, explained, horizonDays, partOf(progress, 0.6, 0.8));
  const randomised = await randomisedTest(
    id,
    { database, models },
    model,
    explained,
    horizonDays,
    partOf(progress, 0.8, 1),
  );
  const errors = explained.map(({ attribution }) => attribution.completenessError);
  const steps = explained.map(({ attribution }) => attribution.steps);
  return {
    measuredOn: dayOf(new Date()),
    customers: explained.length,
    grade: model.version.grade ?? '',
    completeness: { errors, median: quantile(errors, 0.5), p95: quantile(errors, 0.95) },
    steps: { median: quantile(steps, 0.5), most: Math.max(...steps) },
    ...tests,
    infidelity: removal,
    sensitivity,
    randomised,
    shapley,
  };
}

async function newestModel(database: DataSource, models: ModelLoader): Promise<LoadedModel> {
  const [row] = await database.query<{ id: string }[]>('select id from model_version order by id desc limit 1');
  const model = await models.byId(row!.id);
  if (model.bundle.priorOnly) throw new Error(`The model rests on the prior alone: ${model.bundle.priorOnly}.`);
  return model;
}
