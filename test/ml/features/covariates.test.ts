import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { computeAlteredFeatures } from '../../../src/ml/features/altered-features.js';
import { computeCovariates, computeFeatures } from '../../../src/ml/features/compute-features.js';
import { withCovariates } from '../../../src/ml/features/covariates.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { TestShop } from '../../support/shop.js';

const asOf = new Date('2024-07-01T00:00:00Z');
const covariates = ['plan', 'channel'];

describe('attributes that are read', () => {
  let database: TestDatabase;
  let shop: TestShop;
  const ids: string[] = [];
  beforeAll(async () => {
    database = await createTestDatabase();
    shop = new TestShop(database);
    await shop.product('mug', 'Red Mug', 'Mugs');
    for (const attributes of [{ channel: 'Email', plan: 'Premium', age: 30 }, { channel: 'Shop' }, {}]) {
      const customer = await shop.customer(`c${ids.length}`, 'France');
      await database.dataSource.query('update customer set attributes = $2 where id = $1', [customer, attributes]);
      await shop.order({ customer, at: '2024-05-01', lines: [{ product: 'mug', quantity: 1, price: 20 }] });
      ids.push(customer);
    }
    await shop.refresh();
  });
  afterAll(() => database[Symbol.asyncDispose]());

  const spansOf = async () =>
    (await computeFeatures(database.dataSource, { asOf, covariates })).map(({ narrative }) =>
      narrative.filter(({ group }) => group === 'covariates').map(({ text }) => text),
    );

  it('are told in the order in which they were named, before what is bought', async () => {
    const [first] = await computeFeatures(database.dataSource, { asOf, covariates });
    expect(first!.narrative.map(({ text }) => text)).toEqual([
      'last bought 2 months ago.',
      '1 order',
      'in 2 months.',
      'spends 20 an order, 20 in all.',
      'plan premium.',
      'channel email.',
      'buys mugs, red, mug.',
      'last time 1 item for 20: red mug.',
      'from france.',
    ]);
    expect(await spansOf()).toEqual([['plan premium.', 'channel email.'], ['channel shop.'], []]);
  });

  it('are told alone as they are among all the rest', async () => {
    const told = await computeFeatures(database.dataSource, { asOf, covariates });
    const order = ids.toReversed();
    const alone = await computeCovariates(database.dataSource, [...order, '999'], covariates);
    expect(alone).toEqual([
      ...told.toReversed().map(({ narrative }) => narrative.filter(({ group }) => group === 'covariates')),
      [],
    ]);
  });

  it('change nothing else, and are left out where none are named', async () => {
    const told = await computeFeatures(database.dataSource, { asOf, covariates });
    const plain = await computeFeatures(database.dataSource, { asOf });
    expect(plain).toEqual(told.map((row) => ({ ...row, narrative: withCovariates(row.narrative, []) })));
    expect(plain[0]!.narrative.map(({ group }) => group)).not.toContain('covariates');
    expect(await computeFeatures(database.dataSource, { asOf, covariates: [] })).toEqual(plain);
  });

  it('are put into the order of the model that reads them', async () => {
    const [told] = await computeFeatures(database.dataSource, { asOf, covariates });
    const names = covariates.toReversed();
    const [asked] = await computeFeatures(database.dataSource, { asOf, covariates: names });
    expect(withCovariates(told!.narrative, names)).toEqual(asked!.narrative);
    expect(withCovariates(asked!.narrative, covariates)).toEqual(told!.narrative);
  });

  it('are the same whatever comes at the as-of date or later', async () => {
    const before = await computeFeatures(database.dataSource, { asOf, covariates });
    await shop.order({ customer: ids[1]!, at: asOf.toISOString(), total: 99 });
    await shop.event({ customer: ids[1]!, at: asOf.toISOString(), type: 'CLICK' });
    await shop.refresh();
    expect(await computeFeatures(database.dataSource, { asOf, covariates })).toEqual(before);
  });

  it('are those of the customer in a what-if, too', async () => {
    const request = { asOf, customerIds: ids, covariates };
    const unaltered = await computeAlteredFeatures(database.dataSource, request, { orders: [], movedBackDays: 0 });
    expect(unaltered).toEqual(await computeFeatures(database.dataSource, request));
  });
});
