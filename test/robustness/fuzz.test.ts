import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Random } from '../../src/random.js';
import { LocalInference } from '../../src/services/inference/local-inference.js';
import { ModelLoader } from '../../src/services/models/loaded-model.js';
import { refreshPurchaseDays } from '../../src/ml/features/purchase-days.js';
import { testConfig } from '../support/config.js';
import { useTestDatabase } from '../support/database.js';
import { type FuzzShop, poorShops, randomShop, trainableShops } from './shops.js';
import { type Answer, ask, faultsOf, reasonOf, train, writeShop } from './support.js';

/** Odd tables of orders through everything that a real one goes through, up to `Customer.clv` and its explanation. */
describe('whatever the table of orders', () => {
  const random = new Random(31);
  const database = useTestDatabase();
  let models: ModelLoader;
  let inference: LocalInference;
  vi.setConfig({ testTimeout: 300_000 });
  beforeAll(async () => {
    models = new ModelLoader(database.dataSource, testConfig());
    inference = new LocalInference(database.dataSource, testConfig());
  });
  afterAll(async () => {
    await inference.close();
    await models.close();
  });

  /** @returns the answers, and what stopped the training if anything did */
  async function answersOf(shop: FuzzShop): Promise<{ answers: Answer[]; error: string | null }> {
    const { dataSource } = database;
    await writeShop(dataSource, shop);
    const error = await train(dataSource, models, shop).then(
      () => null,
      (failure: { code: string }) => failure.code,
    );
    // Preprocessing that fails has not refreshed the purchase days; every import does.
    await dataSource.transaction((manager) => refreshPurchaseDays(manager, 'all'));
    return { answers: await ask(dataSource, inference, shop), error };
  }

  const reasonsOf = (answers: readonly Answer[]) => [...new Set(answers.map(reasonOf))].sort();

  it.each(trainableShops(random))('every value is finite, bounded and explained: $name', async (shop) => {
    const { answers, error } = await answersOf(shop);
    expect(error).toBeNull();
    expect(answers.flatMap((answer) => faultsOf(answer, shop))).toEqual([]);
    expect(answers.filter(({ clv }) => clv.basis !== 'NONE').length).toBeGreaterThan(3);
  });

  const why: Record<string, [error: string | null, reasons: string[]]> = {
    'one customer, one order': ['INSUFFICIENT_DATA', ['NO_ACTIVE_MODEL', 'NO_PURCHASES']],
    'one regular': [null, ['INSUFFICIENT_HISTORY', 'NO_PURCHASES']],
    'one order each': [null, ['NO_PURCHASES', 'TOO_FEW_PURCHASES']],
    'all the same amount': [null, ['INSUFFICIENT_HISTORY', 'NO_PURCHASES']],
    'many orders on one day': ['INSUFFICIENT_DATA', ['NO_ACTIVE_MODEL', 'NO_PURCHASES']],
    'sales that all come back later': [null, ['INSUFFICIENT_HISTORY', 'NO_PURCHASES']],
    'returns only': ['SNAPSHOT_EMPTY', ['NO_PAID_PURCHASES', 'NO_PURCHASES']],
    'an as-of date before any order': ['SNAPSHOT_EMPTY', ['NO_PURCHASES']],
    'everybody new on the as-of date': ['INSUFFICIENT_DATA', ['NO_ACTIVE_MODEL', 'NO_PURCHASES']],
  };
  it.each(poorShops(random))('too little data is said with a reason, and answered: $name', async (shop) => {
    const { answers, error } = await answersOf(shop);
    expect([error, reasonsOf(answers)]).toEqual(why[shop.name]);
    expect(answers.flatMap((answer) => faultsOf(answer, shop))).toEqual([]);
  });

  it.each(Array.from({ length: 5 }, (_, i) => randomShop(random, i)))('nothing breaks: $name', async (shop) => {
    const { answers, error } = await answersOf(shop);
    expect([null, 'INSUFFICIENT_DATA', 'SNAPSHOT_EMPTY']).toContain(error);
    expect(answers.flatMap((answer) => faultsOf(answer, shop))).toEqual([]);
  });
});
