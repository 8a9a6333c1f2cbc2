import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Notifications } from '../../../src/database/notifications.js';
import { countCategories, mostBuyers } from '../../../src/services/customers/filter-value-counts.js';
import { FilterValuesService } from '../../../src/services/customers/filter-values.service.js';
import { KeptCount } from '../../../src/services/customers/kept-count.js';
import { eraseCustomers } from '../../../src/services/ingestion/erasure.js';
import { upsertCustomers } from '../../../src/services/ingestion/upserts.js';
import { useTestDatabase } from '../../support/database.js';

describe('a kept count', () => {
  let now = 0;
  beforeEach(() => {
    now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => now);
  });
  afterEach(() => vi.restoreAllMocks());

  it('is kept for 99 times as long as it took, and made once for all who wait', async () => {
    let made = 0;
    const count = new KeptCount(async () => {
      now += 10;
      return ++made;
    });
    expect(await Promise.all([count.get(), count.get()])).toEqual([1, 1]);
    now = 999;
    expect(await count.get()).toBe(1);
    now = 1_000;
    expect(await count.get()).toBe(2);
  });

  it('is made anew after a failure, and where it was forgotten while it was made', async () => {
    let made = 0;
    const count = new KeptCount(async () => {
      now += 10;
      if (++made === 1) throw new Error('gone');
      return made;
    });
    await expect(count.get()).rejects.toThrow('gone');
    const second = count.get();
    count.forget();
    expect([await second, await count.get()]).toEqual([2, 3]);
  });
});

describe('counts of the values for a filter', () => {
  const database = useTestDatabase();

  it('forget at once whoever is erased, in every process', async () => {
    const { dataSource } = database;
    const attributes = { club: 'gold' };
    await upsertCustomers(dataSource, [{ externalId: 'a', attributes: { ...attributes, card: 'only hers' } }], {
      source: 'default',
    });
    // Every look at the clock finds a second gone: what is counted would be kept for minutes.
    let looks = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => ++looks * 1_000);
    const notifications = new Notifications(dataSource);
    try {
      const values = new FilterValuesService(dataSource, notifications);
      const names = async () => (await values.attributes()).map(({ name }) => name);
      expect(await names()).toEqual(['card', 'club']);
      await upsertCustomers(dataSource, [{ externalId: 'b', attributes: { ...attributes, size: 'L' } }], {
        source: 'default',
      });
      expect(await names()).toEqual(['card', 'club']);
      await eraseCustomers(dataSource, ['a'], 'default');
      await expect.poll(names, { timeout: 10_000, interval: 250 }).toEqual(['club', 'size']);
    } finally {
      vi.restoreAllMocks();
      await notifications.close();
    }
  });

  it('are estimates where there are very many customers, and near', async () => {
    const { dataSource } = database;
    const buyers = 6_000;
    await dataSource.query(
      `insert into product (external_id, category) values ('p1', 'rare'), ('p2', 'usual'), ('p3', 'no')`,
    );
    await dataSource.query(
      `insert into customer (source, external_id) select 'many', i from generate_series(1, $1::integer) i`,
      [mostBuyers + 2 * buyers],
    );
    // All buyers bought twice what is usual; one of ten bought what is rare, and returned what nobody bought.
    await dataSource.query(
      `with placed as (
         insert into customer_order (source, external_id, customer_id, placed_at, currency, total)
         select 'many', id, id, '2025-01-01', 'GBP', 1 from customer where source = 'many' order by random() limit $1
         returning id)
       insert into order_line (order_id, line_number, product_id, quantity, unit_price)
       select placed.id, line, product.id, case when product.external_id = 'p3' then -1 else 1 end, 1
       from placed, (values (1, 'p2'), (2, 'p2'), (3, 'p1'), (4, 'p3')) as lines (line, product)
       join product on product.external_id = lines.product
       where line < 3 or placed.id % 10 = 0`,
      [buyers],
    );
    await dataSource.query('analyze customer, customer_order, order_line, product');
    const { values, distinct, estimated } = await countCategories(dataSource);
    expect([distinct, estimated]).toEqual([3, true]);
    expect(values.map(({ value }) => value)).toEqual(['usual', 'rare', 'no']);
    const [usual, rare, no] = values.map(({ customers }) => customers);
    expect(Math.abs(usual! / buyers - 1)).toBeLessThan(0.03);
    expect(Math.abs(rare! / (buyers / 10) - 1)).toBeLessThan(0.1);
    expect(no).toBe(0);
    // The same customers are drawn each time.
    expect((await countCategories(dataSource)).values).toEqual(values);
  });
});
