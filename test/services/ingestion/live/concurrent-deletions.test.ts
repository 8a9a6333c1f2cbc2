import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { findStaleCustomers } from '../../../../src/ml/features/purchase-days.js';
import { deleteEvents, deleteOrders } from '../../../../src/services/ingestion/live/deletions.js';
import { eraseCustomers, lockErasures } from '../../../../src/services/ingestion/live/erasure.js';
import type { ItemResult } from '../../../../src/services/ingestion/live/upsert.types.js';
import { recordEvents, upsertCustomers } from '../../../../src/services/ingestion/live/upserts.js';
import { upsertOrders } from '../../../../src/services/ingestion/live/upsert-orders.js';
import { untilLocked } from '../../../support/waiting.js';
import { flat, header, useImports } from '../imports.js';

const imports = useImports();
const { query } = imports;
const source = 'shop';
const statuses = (results: readonly ItemResult[]) => results.map(({ status }) => status);
const staleCustomers = () => findStaleCustomers(imports.database.dataSource, '0', '9223372036854775807');
const order = (externalId: string, customerExternalId: string) => ({
  externalId,
  customerExternalId,
  placedAt: '2024-01-01',
  lines: [{ productExternalId: 'p', quantity: 1, unitPrice: '5' }],
});
const upsert = (...items: ReturnType<typeof order>[]) =>
  upsertOrders(imports.database.dataSource, items, { source, currency: 'EUR' });
const remove = (...ids: string[]) => deleteOrders(imports.database.dataSource, ids, source);

describe('deletions at the same time as', () => {
  it('upserts of the same orders, and erasures of their customers, leave what the orders that are left make', async () => {
    const ids = ['a', 'b', 'c', 'd'];
    const seen = new Set<string>();
    for (let round = 0; round < 20; round++) {
      const [, removed] = await Promise.all([
        upsert(...ids.map((id, i) => order(id, `c${(round + i) % 3}`))),
        remove('b', 'a', 'c'),
        upsert(...ids.map((id, i) => order(id, `c${(round + 2 * i + 1) % 3}`))),
        remove('c', 'd'),
        ...(round % 4 === 0 ? [eraseCustomers(imports.database.dataSource, [`c${round % 3}`], source)] : []),
      ]);
      for (const status of statuses(removed)) seen.add(status);
      expect(await staleCustomers()).toEqual([]);
    }
    expect([...seen].sort()).toEqual(['DELETED', 'UNKNOWN']);
    expect(
      await query('select from order_line l where not exists (select from customer_order o where o.id = order_id)'),
    ).toEqual([]);
  });

  it('each other and events that are recorded again fail nobody', async () => {
    const { dataSource } = imports.database;
    const events = Array.from({ length: 20 }, (_, i) => ({
      externalId: `e${i}`,
      customerExternalId: `c${(i * 7) % 10}`,
      type: 'BROWSE' as const,
      occurredAt: `2024-0${1 + (i % 3)}-01`,
    }));
    for (let round = 0; round < 20; round++) {
      await Promise.all([
        recordEvents(dataSource, events, source),
        deleteEvents(dataSource, events.slice(0, 15).toReversed(), source),
        deleteEvents(dataSource, events.slice(5), source),
      ]);
    }
    await deleteEvents(dataSource, events, source);
    expect(await query('select * from behavior_event')).toEqual([]);
  });

  it('the import of a file take out what that has just written', async () => {
    await imports.load(`${header}\no1,2024-01-01,ada,,mug,,1,10\no2,2024-01-01,ada,,mug,,1,10`, flat);
    let removal: Promise<ItemResult[]> | undefined;
    await imports.load(`${header}\no2,2024-01-02,bo,,mug,,3,10\no3,2024-01-02,bo,,mug,,1,7`, flat, {
      progress: {
        report: async (phase) => {
          if (phase !== 'computing purchase days') return;
          removal = remove('o2', 'o3');
          // Time enough for one that does not wait for the import.
          await Promise.race([removal, setTimeout(500)]);
        },
      },
    });
    expect(statuses(await removal!)).toEqual(['DELETED', 'DELETED']);
    expect(await query('select external_id from customer_order')).toEqual([{ external_id: 'o1' }]);
    expect(await query('select external_id, net from purchase_day join customer on id = customer_id')).toEqual([
      { external_id: 'ada', net: '10.0000' },
    ]);
  });

  it('an import that comes a moment later make it wait, and bring the order back', async () => {
    await imports.load(`${header}\no1,2024-01-01,ada,,mug,,2,10`, flat);
    const [removed, loaded] = await overtaken(
      () => remove('o1'),
      () => imports.load(`${header}\no1,2024-01-01,ada,,mug,,1,10\no1,2024-01-01,ada,,cup,,1,10`, flat),
    );
    expect(statuses(removed)).toEqual(['DELETED']);
    expect(loaded.orders).toEqual({ created: 1, updated: 0, unchanged: 0 });
    expect(await query('select line_number, quantity from order_line order by line_number')).toEqual([
      { line_number: 1, quantity: 1 },
      { line_number: 2, quantity: 1 },
    ]);
    expect(await staleCustomers()).toEqual([]);
  });

  it('an upsert that comes a moment later make it wait: it adds to nothing that is gone', async () => {
    await upsert(order('o1', 'ada'));
    const placedAt = '2024-01-02';
    const [removed, sent] = await overtaken(
      () => remove('o1'),
      () =>
        upsertOrders(imports.database.dataSource, [{ externalId: 'o1', placedAt, total: 7 }], {
          source,
          currency: 'EUR',
        }),
    );
    expect([...statuses(removed), ...statuses(sent)]).toEqual(['DELETED', 'CREATED']);
    // Not ada, who had the order that is gone.
    expect(await query('select customer_id, total from customer_order')).toEqual([
      { customer_id: null, total: '7.0000' },
    ]);
  });

  it('an upsert of an order that keeps its total make an erasure of its customer wait', async () => {
    const { dataSource } = imports.database;
    await upsert(order('o1', 'ada'), order('o2', 'bo'));
    const other = dataSource.createQueryRunner();
    await other.startTransaction();
    await other.query(`select from customer_order where external_id = 'o1' for update`);
    // It has found the total of the second order, and waits to write the first one.
    const placedAt = '2024-01-02';
    const items = [
      { externalId: 'o1', placedAt, total: 7 },
      { externalId: 'o2', placedAt },
    ];
    const sent = upsertOrders(dataSource, items, { source, currency: 'EUR' });
    await untilLocked(dataSource);
    const erased = eraseCustomers(dataSource, ['bo'], source);
    await Promise.race([erased, untilLocked(dataSource, 2)]);
    await other.rollbackTransaction();
    await other.release();
    expect(statuses(await sent)).toEqual(['UPDATED', 'UPDATED']);
    expect(await erased).toEqual({ erased: 1, unknown: [] });
    expect(await query('select external_id from customer_order')).toEqual([{ external_id: 'o1' }]);
  });

  it('an erasure whose customer has an order that is sent a moment later without one make that a sale to nobody', async () => {
    const { dataSource } = imports.database;
    await upsert(order('o1', 'ada'));
    let sent: Promise<ItemResult[]> | undefined;
    await dataSource.transaction(async (erasure) => {
      await erasure.query(`delete from customer where external_id = 'ada'`);
      const item = { externalId: 'o1', placedAt: '2024-01-02', total: 7 };
      sent = upsertOrders(dataSource, [item], { source, currency: 'EUR' });
      await untilLocked(dataSource);
    });
    expect(statuses(await sent!)).toEqual(['CREATED']);
    expect(await query('select external_id, customer_id from customer_order')).toEqual([
      { external_id: 'o1', customer_id: null },
    ]);
  });

  it('events that are recorded a moment later do not bring back what was said', async () => {
    const { dataSource } = imports.database;
    const event = { externalId: 'e1', customerExternalId: 'ada', type: 'REVIEW' as const, occurredAt: '2024-01-01' };
    await recordEvents(dataSource, [{ ...event, text: 'I am Ada of 5 Main Street' }], source);
    const [removed, recorded] = await overtaken(
      () => deleteEvents(dataSource, [event], source),
      () => recordEvents(dataSource, [{ ...event, attributes: { stars: 5 } }], source),
    );
    expect([...statuses(removed), ...statuses(recorded)]).toEqual(['DELETED', 'CREATED']);
    expect(await query('select text, attributes from behavior_event')).toEqual([
      { text: null, attributes: { stars: 5 } },
    ]);
  });

  it('an erasure waits for the batch that brings its customer', async () => {
    const { dataSource } = imports.database;
    const both: Promise<unknown>[] = [];
    await dataSource.transaction(async (manager) => {
      await manager.query('lock table customer_personal_data in exclusive mode');
      both.push(upsertCustomers(dataSource, [{ externalId: 'new', personalData: { name: 'Ada' } }], source));
      await untilLocked(dataSource);
      both.push(eraseCustomers(dataSource, ['new'], source));
      await untilLocked(dataSource, 2);
    });
    expect(await Promise.all(both)).toMatchObject([[{ status: 'CREATED' }], { erased: 1, unknown: [] }]);
    expect(await query('select from customer')).toEqual([]);
  });

  it('an erasure waits for whoever keeps something of all customers', async () => {
    const { dataSource } = imports.database;
    await dataSource.query(`insert into customer (external_id) values ('noted')`);
    let erasing: Promise<unknown> | undefined;
    await dataSource.transaction(async (manager) => {
      await manager.query(lockErasures);
      erasing = eraseCustomers(dataSource, ['noted'], 'default');
      await untilLocked(dataSource);
    });
    expect(await erasing).toMatchObject({ erased: 1 });
  });
});

/** Has a deletion wait for the customers' rows, its own rows gone already, when another writer comes. */
async function overtaken<A, B>(deletion: () => Promise<A>, writing: () => Promise<B>): Promise<[A, B]> {
  const { dataSource } = imports.database;
  const other = dataSource.createQueryRunner();
  await other.startTransaction();
  await other.query('select id from customer for update');
  const deleted = deletion();
  await untilLocked(dataSource);
  const written = writing();
  await Promise.race([written, untilLocked(dataSource, 2)]);
  await other.rollbackTransaction();
  await other.release();
  return Promise.all([deleted, written]);
}
