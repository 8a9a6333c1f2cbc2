import { beforeAll, describe, expect, it } from 'vitest';
import { findStaleCustomers, refreshPurchaseDays } from '../../../src/ml/features/purchase-days.js';
import { useScoredShop } from '../../support/scored-shop.js';

describe('customers whose purchase days are not what their orders make', () => {
  const database = useScoredShop();
  let ids: string[];
  const everybody = (): Promise<string[]> => findStaleCustomers(database.dataSource, ids[0]!, ids.at(-1)!);
  beforeAll(async () => {
    const rows = await database.dataSource.query<{ id: string }[]>(
      `select distinct c.id from customer c join customer_order o on o.customer_id = c.id
       where exists (select from order_line l where l.order_id = o.id and l.quantity > 0 and l.unit_price > 0)
         and exists (select from purchase_day p where p.customer_id = c.id) order by 1`,
    );
    ids = rows.map(({ id }) => id);
  });

  it('are none after an import', async () => expect(await everybody()).toEqual([]));

  it('are found whatever another program did to orders or to the days, and are none once refreshed', async () => {
    const [dearer, gone, invented, unnoticed] = ids;
    const { dataSource } = database;
    const [{ id: idle }] = await dataSource.query<[{ id: string }]>(
      `insert into customer (external_id) values ('idle') returning id`,
    );
    ids.push(idle);
    await dataSource.query(`update customer_summary set categories = '{Toys}' where customer_id = $1`, [idle]);
    await dataSource.query(
      `update order_line set unit_price = unit_price + 1 where order_id in
         (select id from customer_order where customer_id = $1)`,
      [dearer],
    );
    await dataSource.query('delete from customer_order where customer_id = $1', [gone]);
    await dataSource.query(
      `insert into purchase_day (customer_id, day, net, gross, returned, items, products, orders)
       values ($1, '1999-01-01', 1, 1, 0, 1, 1, 1)`,
      [invented],
    );
    await dataSource.query(
      `insert into customer_order (external_id, customer_id, placed_at, currency, total)
       values ('unnoticed', $1, '1999-01-01Z', 'EUR', 5)`,
      [unnoticed],
    );
    const stale = [dearer!, gone!, invented!, unnoticed!, idle];
    expect((await everybody()).toSorted()).toEqual(stale.toSorted());
    expect(await findStaleCustomers(dataSource, ids[4]!, ids.at(-2)!)).toEqual([]);
    await dataSource.transaction((manager) => refreshPurchaseDays(manager, stale));
    expect(await everybody()).toEqual([]);
  });
});
