import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Notifications } from '../../../src/database/notifications.js';
import {
  countAttributes,
  countCategories,
  countColumn,
} from '../../../src/services/customers/filters/filter-value-counts.js';
import { FilterValuesService } from '../../../src/services/customers/filter-values.service.js';
import { KeptCount } from '../../../src/services/customers/filters/kept-count.js';
import { eraseCustomers } from '../../../src/services/ingestion/live/erasure.js';
import { upsertOrders } from '../../../src/services/ingestion/live/upsert-orders.js';
import { upsertCustomers, upsertProducts } from '../../../src/services/ingestion/live/upserts.js';
import { useTestDatabase } from '../../support/database.js';

describe('a kept count', () => {
  let now = 0;
  beforeEach(() => {
    now = 5_000;
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
    now = 5_999;
    expect(await count.get()).toBe(1);
    now = 6_000;
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
  const source = 'shop';

  it('forget at once whoever is erased, in every process', async () => {
    const { dataSource } = database;
    const attributes = { club: 'gold' };
    await upsertCustomers(dataSource, [{ externalId: 'a', attributes: { ...attributes, card: 'only hers' } }], source);
    // Every look at the clock finds a second gone: what is counted would be kept for minutes.
    let looks = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => ++looks * 1_000);
    const notifications = new Notifications(dataSource);
    try {
      const values = new FilterValuesService(dataSource, notifications);
      const names = async () => (await values.attributes()).map(({ name }) => name);
      expect(await names()).toEqual(['card', 'club']);
      await upsertCustomers(dataSource, [{ externalId: 'b', attributes: { ...attributes, size: 'L' } }], source);
      expect(await names()).toEqual(['card', 'club']);
      await eraseCustomers(dataSource, ['a'], source);
      await expect.poll(names, { timeout: 10_000, interval: 250 }).toEqual(['club', 'size']);
    } finally {
      vi.restoreAllMocks();
      await notifications.close();
    }
  });

  it('are of categories that were bought, not only returned', async () => {
    const { dataSource } = database;
    await upsertProducts(
      dataSource,
      ['usual', 'rare', 'no', 'never'].map((category) => ({ externalId: category, category })),
      source,
    );
    const lineOf = (productExternalId: string, quantity: number) => ({ productExternalId, quantity, unitPrice: 1 });
    const orders = Array.from({ length: 10 }, (_, i) => ({
      externalId: `o${i}`,
      customerExternalId: `buyer${i}`,
      placedAt: '2025-01-01T00:00:00Z',
      lines: [lineOf('usual', 1), lineOf('usual', 2), lineOf(i < 3 ? 'rare' : 'usual', 1), lineOf('no', -1)],
    }));
    await upsertOrders(dataSource, orders, { source, currency: 'GBP' });
    expect((await countCategories(dataSource)).values).toEqual([
      { value: 'usual', customers: 10 },
      { value: 'rare', customers: 3 },
      { value: 'never', customers: 0 },
      { value: 'no', customers: 0 },
    ]);
  });

  it('are of the values and the attributes that most customers have, where there are very many', async () => {
    const { dataSource } = database;
    await dataSource.query(
      `insert into customer (external_id, country, attributes)
       select concat(n, ' of ', holders), 'land ' || n, jsonb_build_object('name ' || n % 60, n)
       from generate_series(1, 250) n, generate_series(1, 1 + (n > 240)::integer) holders`,
    );
    const { values, distinct } = await countColumn(dataSource, 'country');
    expect([values.length, distinct]).toEqual([200, 250]);
    expect(values[0]).toEqual({ value: 'land 241', customers: 2 });
    expect(values[10]).toEqual({ value: 'land 1', customers: 1 });
    const attributes = await countAttributes(dataSource);
    expect(attributes).toHaveLength(50);
    expect(attributes[0]).toMatchObject({ name: 'name 1', counts: { distinct: 5 } });
  });
});
