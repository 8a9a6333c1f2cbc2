import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OrderCurrencies } from '../../../src/services/customers/order-currencies.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { recordStatements } from '../../support/statements.js';

describe('the currency of predictions', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
    orders = 0;
  });
  afterEach(async () => {
    vi.useRealTimers();
    await database[Symbol.asyncDispose]();
  });

  let orders: number;
  const order = (currency: string) =>
    database.dataSource.query(
      `with who as (insert into customer (source, external_id) values ('t', $2) returning id)
       insert into customer_order (source, external_id, customer_id, placed_at, currency, total)
       select 't', $2, id, '2026-01-01', $1, 5 from who`,
      [currency, String(orders++)],
    );

  it('is that of the orders, of most where there are several, and the setting where there are none', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const currencies = new OrderCurrencies(database.dataSource, 'USD');
    expect(await currencies.ofPredictions()).toBe('USD');
    await order('KWD');
    expect(await currencies.range()).toEqual({ first: 'KWD', last: 'KWD' });
    vi.advanceTimersByTime(60_001);
    expect(await currencies.ofPredictions()).toBe('KWD');
    await order('KWD');
    await order('EUR');
    vi.advanceTimersByTime(60_001);
    expect(await currencies.ofPredictions()).toBe('KWD');
    expect(await currencies.range()).toEqual({ first: 'EUR', last: 'KWD' });
    expect(await currencies.counted()).toEqual([
      { currency: 'KWD', orders: 2, source: 't', externalId: '1' },
      { currency: 'EUR', orders: 1, source: 't', externalId: '2' },
    ]);
  });

  it('is not that of orders without a customer, which nothing is predicted from', async () => {
    await order('KWD');
    await database.dataSource.query(
      `insert into customer_order (source, external_id, placed_at, currency, total)
       select 't', 'anonymous ' || i, '2026-01-01', 'EUR', 5 from generate_series(1, 3) i`,
    );
    const currencies = new OrderCurrencies(database.dataSource, 'USD');
    expect(await currencies.range()).toEqual({ first: 'KWD', last: 'KWD' });
    await order('GBP');
    await order('KWD');
    expect(await currencies.ofPredictions()).toBe('KWD');
    expect((await currencies.counted()).map(({ currency }) => currency)).toEqual(['KWD', 'GBP']);
  });

  it('is that of the latest 10,000 orders where it was another one before', async () => {
    await order('KWD');
    const sales = (currency: string, count: number) =>
      database.dataSource.query(
        `insert into customer_order (source, external_id, customer_id, placed_at, currency, total)
         select 'till', $1::text || n, id, '2026-01-01', $1::text, 5 from customer, generate_series(1, $2::integer) n`,
        [currency, count],
      );
    await sales('KWD', 6_000);
    await sales('EUR', 5_100);
    expect(await new OrderCurrencies(database.dataSource, 'USD').ofPredictions()).toBe('EUR');
  });

  it('is the first in the alphabet of those that are as frequent', async () => {
    for (const currency of ['USD', 'KWD', 'CHF', 'JPY', 'SEK', 'BRL', 'GBP']) await order(currency);
    expect(await new OrderCurrencies(database.dataSource, 'EUR').ofPredictions()).toBe('BRL');
  });

  it('is asked for again after a failure', async () => {
    await order('KWD');
    const currencies = new OrderCurrencies(database.dataSource, 'USD');
    vi.spyOn(database.dataSource, 'query').mockRejectedValueOnce(new Error('gone'));
    await expect(currencies.ofPredictions()).rejects.toThrow('gone');
    expect(await currencies.ofPredictions()).toBe('KWD');
  });

  it('is told without a look at the sales to nobody, however many there are', async () => {
    const { dataSource } = database;
    await order('KWD');
    await dataSource.query(
      `insert into customer_order (source, external_id, customer_id, placed_at, currency, total)
       select 'till', i::text, case when i <= 5000 then id end, '2026-01-01', 'KWD', 5
       from customer, generate_series(1, 20000) i order by i`,
    );
    await dataSource.query('analyze customer_order');
    const statements = recordStatements(dataSource);
    await new OrderCurrencies(dataSource, 'USD').range();
    const [sql] = statements.take();
    const plan = await dataSource.query(`explain (analyze, format json) ${sql}`);
    expect(JSON.stringify(plan)).not.toContain('"Rows Removed by Filter"');
  });
});
