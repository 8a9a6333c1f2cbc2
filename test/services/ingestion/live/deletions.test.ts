import { describe, expect, it } from 'vitest';
import { deleteEvents, deleteOrders } from '../../../../src/services/ingestion/live/deletions.js';
import type { EventInput, OrderInput } from '../../../../src/services/ingestion/live/upsert.schemas.js';
import { recordEvents } from '../../../../src/services/ingestion/live/upserts.js';
import { upsertOrders } from '../../../../src/services/ingestion/live/upsert-orders.js';
import { useRecords } from '../../../support/records.js';

const database = useRecords();
const { query, orders, events } = database;
const source = 'default';
const outcomes = (results: { externalId: string | null; status: string; reason?: string }[]) =>
  results.map(({ externalId, status, reason }) => `${externalId} ${reason ?? status}`);
const removeOrders = async (...ids: string[]) => outcomes(await deleteOrders(database.dataSource, ids, source));
const factsVersion = async (externalId: string) => {
  const [row] = await query<{ at: string }>(
    `select facts_changed_at::text as at from customer where external_id = '${externalId}'`,
  );
  return row!.at;
};

const lines = [{ productExternalId: 'mug', quantity: 2, unitPrice: '10' }];
const order = (externalId: string, more: Partial<OrderInput> = {}): OrderInput => ({
  externalId,
  customerExternalId: 'ada',
  placedAt: '2024-05-01T12:00:00Z',
  lines,
  ...more,
});

describe('deleteOrders', () => {
  it('takes orders out with their lines, and out of what their customers bought', async () => {
    await orders(order('o1'), order('test', { lines: [{ quantity: 1, unitPrice: 5_000_000 }] }));
    const before = await factsVersion('ada');
    expect(await removeOrders(' test ', 'nowhere')).toEqual(['test DELETED', 'nowhere UNKNOWN']);
    expect(await query('select external_id from customer_order')).toEqual([{ external_id: 'o1' }]);
    expect(await query('select count(*)::int as n from order_line')).toEqual([{ n: 1 }]);
    expect(await query('select net, orders from purchase_day')).toEqual([{ net: '20.0000', orders: 1 }]);
    expect(await query('select spend, orders from customer_summary')).toEqual([{ spend: '20.0000', orders: 1 }]);
    expect((await factsVersion('ada')) > before).toBe(true);
  });

  it('does nothing the second time', async () => {
    await orders(order('o1'), order('o2'));
    expect(await removeOrders('o1')).toEqual(['o1 DELETED']);
    const before = await factsVersion('ada');
    expect(await removeOrders('o1')).toEqual(['o1 UNKNOWN']);
    expect(await factsVersion('ada')).toBe(before);
  });

  it('leaves customers and products that came with them, the customers with nothing bought', async () => {
    await orders(order('o1'));
    expect(await removeOrders('o1')).toEqual(['o1 DELETED']);
    expect(await query('select external_id from customer')).toEqual([{ external_id: 'ada' }]);
    expect(await query('select external_id from product')).toEqual([{ external_id: 'mug' }]);
    expect(await query('select * from purchase_day')).toEqual([]);
    expect(await query('select first_day, last_day, occasions, orders, spend from customer_summary')).toEqual([
      { first_day: null, last_day: null, occasions: 0, orders: 0, spend: '0.0000' },
    ]);
  });

  it('takes out what nobody bought, and lets it come again', async () => {
    const anonymous = order('o1', { customerExternalId: null });
    await orders(anonymous);
    expect(await removeOrders('o1')).toEqual(['o1 DELETED']);
    expect(outcomes(await orders(anonymous))).toEqual(['o1 CREATED']);
  });

  it('knows the namesake of another source', async () => {
    const { dataSource } = database;
    await upsertOrders(dataSource, [order('17')], { source: 'one', currency: 'EUR' });
    await upsertOrders(dataSource, [order('17')], { source: 'two', currency: 'EUR' });
    expect(outcomes(await deleteOrders(dataSource, ['17'], 'one'))).toEqual(['17 DELETED']);
    expect(await query('select source from customer_order')).toEqual([{ source: 'two' }]);
    expect(await query('select source from purchase_day join customer on id = customer_id')).toEqual([
      { source: 'two' },
    ]);
  });

  it('rejects ids that can be none, and those that are there twice, by themselves', async () => {
    await orders(order('o1'));
    expect(await removeOrders('', 'o1', 'a\0', 'o1 ', 'x'.repeat(501))).toEqual([
      ' externalId: is empty',
      'o1 DELETED',
      'a\0 externalId: holds a NUL character or half a surrogate pair',
      'o1 is in this batch already, as item 1',
      `${'x'.repeat(501)} externalId: is longer than 500 characters`,
    ]);
    expect(await removeOrders()).toEqual([]);
    await expect(removeOrders(...Array.from({ length: 1_001 }, (_, i) => `o${i}`))).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: expect.stringContaining('at most 1000'),
    });
  });
});

describe('deleteEvents', () => {
  const event = (externalId: string, occurredAt: string): EventInput => ({
    externalId,
    customerExternalId: 'ada',
    type: 'REVIEW',
    occurredAt,
    text: 'I am Ada of 5 Main Street',
  });
  const remove = async (...keys: Parameters<typeof deleteEvents>[1][number][]) =>
    outcomes(await deleteEvents(database.dataSource, keys, source));
  const left = () =>
    query(
      `select source, external_id as id, occurred_at::date::text as day from behavior_event order by source, id, day`,
    );

  it('takes out those of the id at the instant, in whatever month they are, and no others', async () => {
    await events(event('e1', '2024-05-01'), event('e1', '2024-06-01'), event('e2', '2024-06-01'));
    await recordEvents(database.dataSource, [event('e1', '2024-06-01')], 'other');
    const before = await factsVersion('ada');
    expect(
      await remove(
        { externalId: 'e1', occurredAt: '2024-06-01T02:00:00+02:00' },
        { externalId: 'e2', occurredAt: '2024-05-01' },
        // A month of which there are no events.
        { externalId: 'e2', occurredAt: new Date('1999-01-01') },
      ),
    ).toEqual(['e1 DELETED', 'e2 UNKNOWN', 'e2 UNKNOWN']);
    expect(await left()).toEqual([
      { source: 'default', id: 'e1', day: '2024-05-01' },
      { source: 'default', id: 'e2', day: '2024-06-01' },
      { source: 'other', id: 'e1', day: '2024-06-01' },
    ]);
    expect((await factsVersion('ada')) > before).toBe(true);
  });

  it('does nothing the second time, and takes the event that comes again', async () => {
    await events(event('e1', '2024-05-01'));
    const key = { externalId: 'e1', occurredAt: '2024-05-01' };
    expect(await remove(key)).toEqual(['e1 DELETED']);
    const before = await factsVersion('ada');
    expect(await remove(key)).toEqual(['e1 UNKNOWN']);
    expect(await factsVersion('ada')).toBe(before);
    expect(outcomes(await events(event('e1', '2024-05-01')))).toEqual(['e1 CREATED']);
  });

  it('rejects what can be none, by itself', async () => {
    await events(event('e1', '2024-05-01'));
    expect(
      await remove(
        { externalId: 'e1', occurredAt: 'yesterday' },
        { externalId: 'e1', occurredAt: '2024-05-01' },
        { externalId: 'e1', occurredAt: '2024-05-01T00:00:00Z' },
      ),
    ).toEqual([
      'e1 occurredAt: is not an ISO 8601 date such as 2026-03-31T08:15:00Z',
      'e1 DELETED',
      'e1 is in this batch already, as item 1',
    ]);
  });
});
