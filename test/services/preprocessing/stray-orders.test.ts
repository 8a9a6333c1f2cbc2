import { beforeEach, describe, expect, it } from 'vitest';
import { dayOf } from '../../../src/days.js';
import { findServingState } from '../../../src/services/models/active-model.js';
import { asOfGiven, servingAsOf } from '../../../src/services/predictions/serving-as-of.js';
import { defaultAsOf, lastKnownDay, refuseStrayOrders } from '../../../src/services/preprocessing/stray-orders.js';
import { useTestDatabase } from '../../support/database.js';

const asOf = new Date('2026-01-01T00:00:00Z');

describe('orders long after all others', () => {
  const database = useTestDatabase();

  /** A purchase a day of each of some customers up to 2024-12-31. */
  async function shop(days: number): Promise<void> {
    const { dataSource } = database;
    await dataSource.query('truncate customer cascade');
    await dataSource.query(
      `with who as (insert into customer (source, external_id) select 't', n from generate_series(1, 20) n returning id)
       insert into purchase_day (customer_id, day, net, gross, returned, items, products, orders)
       select id, date '2024-12-31' - d, 5, 5, 0, 1, 1, 1 from who, generate_series(0, $1::integer - 1) d`,
      [days],
    );
  }
  const strays = (day: string, customers = 1, net = 5) =>
    database.dataSource.query(
      `insert into purchase_day (customer_id, day, net, gross, returned, items, products, orders)
       select id, $1, $3, 5, 0, 1, 1, 1 from customer order by id limit $2`,
      [day, customers, net],
    );
  const looked = () => refuseStrayOrders(database.dataSource, asOf);
  beforeEach(() => shop(100));

  it('are named, with the silence before them', async () => {
    await strays('2025-08-01');
    await expect(looked()).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringMatching(/^One purchase, of 2025-08-01, comes 213 days after all others\./),
    });
    // A retrain takes no date.
    await expect(looked()).rejects.toThrow('for a retrain, which takes none, by CLVGRAPH_AS_OF');
    await strays('2025-10-05');
    await expect(looked()).rejects.toThrow('2 purchases, of 2025-08-01 to 2025-10-05, come 213 days after all others.');
  });

  it('are looked for only where they would set the date', async () => {
    await strays('2025-08-01');
    await expect(defaultAsOf(database.dataSource, { asOf: 'auto' })).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await defaultAsOf(database.dataSource, { asOf: asOf.toISOString() })).toEqual(asOf);
  });

  it.each([
    ['none', async () => undefined],
    ['soon after', () => strays('2025-03-01')],
    ['of days to come', () => strays('2026-03-01')],
    ['that are many', () => strays('2025-08-01', 10)],
    ['that are returns', () => strays('2025-08-01', 1, -5)],
  ])('%s are none', async (_what, add) => {
    await add();
    await expect(looked()).resolves.toBeUndefined();
  });

  it.each([
    ['a stray', '2025-08-01', '2024-12-31'],
    ['one that others may have to follow', '2025-01-10', '2024-12-31'],
    ['one that follows at once', '2025-01-03', '2025-01-03'],
    ['one of days to come', '2026-03-01', '2024-12-31'],
    ['a return', '2025-01-02', '2024-12-31', -5],
  ])('%s sets up to when purchases are known only where it is sure', async (_what, day, known, net = 5) => {
    await strays(day, 1, net);
    expect(await lastKnownDay(database.dataSource, asOf)).toEqual(new Date(`${known}T00:00:00Z`));
  });

  it('do not make a shop that has ended one that sells where they are returns', async () => {
    await strays(dayOf(new Date()), 1, -5);
    const asOf = new Date('2025-01-01T00:00:00Z');
    expect(await servingAsOf(database.dataSource, { asOf: 'auto' })).toEqual(asOf);
    const { lastDay } = await findServingState(database.dataSource);
    expect(asOfGiven({ asOf: 'auto' }, null, lastDay)).toEqual(asOf);
  });

  it('do not set the date of a run: it is refused, unless the date is a setting', async () => {
    await strays('2025-08-01');
    await expect(defaultAsOf(database.dataSource, { asOf: 'auto' })).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await defaultAsOf(database.dataSource, { asOf: '2026-01-01' })).toEqual(asOf);
  });

  it('cannot be told in a shop of a few purchases', async () => {
    await shop(5);
    await strays('2025-08-01');
    await database.dataSource.query(`delete from purchase_day where day = '2024-12-31' and customer_id in (
      select id from customer order by id limit 1)`);
    await expect(looked()).rejects.toMatchObject({ code: 'CONFLICT' });
    await database.dataSource.query(`delete from purchase_day where day = '2024-12-31'`);
    await expect(looked()).resolves.toBeUndefined();
  });
});
