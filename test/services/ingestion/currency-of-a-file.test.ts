import { describe, expect, it } from 'vitest';
import type { ImportMapping } from '../../../src/services/ingestion/import.types.js';
import { flat, header, useImports } from './imports.js';

const { query, load } = useImports();

const orders: ImportMapping = {
  kind: 'orders',
  columns: { 'order.externalId': 'order', 'order.placedAt': 'date', 'order.total': 'total' },
};
const withColumn: ImportMapping = { ...orders, columns: { ...orders.columns, 'order.currency': 'currency' } };

const currencies = async () =>
  (await query<{ currency: string }>('select currency from customer_order order by external_id')).map(
    ({ currency }) => currency,
  );

describe('the currency that a mapping gives', () => {
  it('becomes that of stored orders, too', async () => {
    const content = 'order,date,total\nA1,2024-03-01,10\nA2,2024-03-02,20';
    await load(content, orders);
    expect(await currencies()).toEqual(['EUR', 'EUR']);
    expect(await load(content, { ...orders, currency: 'CHF' })).toMatchObject({
      orders: { created: 0, updated: 2, unchanged: 0 },
    });
    expect(await currencies()).toEqual(['CHF', 'CHF']);
    // The shop's usual one is of new orders alone.
    expect(await load(content, orders)).toMatchObject({ orders: { updated: 0, unchanged: 2 } });
  });

  it('becomes that of stored orders with lines, too', async () => {
    const content = `${header}\nA1,2024-03-01,c-1,France,S1,Mug,2,4.50`;
    await load(content, flat);
    await load(content, { ...flat, currency: 'CHF' });
    expect(await currencies()).toEqual(['CHF']);
  });

  it('is of new orders alone where a column says it: its empty fields change nothing', async () => {
    await load('order,date,total,currency\nA1,2024-03-01,10,USD', withColumn);
    await load('order,date,total,currency\nA1,2024-03-01,10,\nA2,2024-03-02,20,', { ...withColumn, currency: 'CHF' });
    expect(await currencies()).toEqual(['USD', 'CHF']);
  });
});
