import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OrderCurrencies } from '../../../src/services/customers/order-currencies.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

describe('the currency of predictions', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(async () => {
    vi.useRealTimers();
    await database[Symbol.asyncDispose]();
  });

  let orders = 0;
  const order = (currency: string) =>
    database.dataSource.query(
      `with who as (insert into customer (source, external_id) values ('t', $2) returning id)
       insert into customer_order (source, external_id, customer_id, placed_at, currency, total)
       select 't', $2, id, '2026-01-01', $1, 5 from who`,
      [currency, String(orders++)],
    );

  it('is that of the orders, of most where there are several, and the setting where there are none', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
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
  });
});
