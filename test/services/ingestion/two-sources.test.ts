import { describe, expect, it } from 'vitest';
import type { ItemResult } from '../../../src/services/ingestion/live/upsert.types.js';
import { upsertOrders } from '../../../src/services/ingestion/live/upsert-orders.js';
import { recordEvents, upsertCustomers, upsertProducts } from '../../../src/services/ingestion/live/upserts.js';
import { flat, header, useImports } from './imports.js';

/** Two shops that number their records alike. */
describe('records of two sources with the same ids', () => {
  const imports = useImports();

  async function send(source: string, quantities: readonly number[]): Promise<ItemResult['status'][]> {
    const { dataSource } = imports.database;
    const placedAt = '2024-05-01T12:00:00Z';
    const lines = quantities.map((quantity) => ({ productExternalId: '1', quantity, unitPrice: 1 }));
    const order = { externalId: '1', customerExternalId: '1', placedAt, lines };
    const event = { externalId: '1', customerExternalId: '1', productExternalId: '1', occurredAt: placedAt };
    const results = [
      await upsertCustomers(dataSource, [{ externalId: '1', country: source, personalData: { name: source } }], source),
      await upsertProducts(dataSource, [{ externalId: '1', name: source }], source),
      await upsertOrders(dataSource, [order], { source, currency: 'EUR' }),
      await recordEvents(dataSource, [{ ...event, type: 'REVIEW', text: source }], source),
    ];
    return results.flat().map(({ status }) => status);
  }

  const customers = () =>
    imports.query(`select source, country, name from customer left join customer_personal_data d on d.customer_id = id
      order by source`);
  const lines = () =>
    imports.query(`select o.source, c.source as customer, p.source as product, p.name, o.total::float, line_number, quantity
      from customer_order o left join customer c on c.id = o.customer_id left join order_line l on l.order_id = o.id
      left join product p on p.id = l.product_id order by o.source, line_number`);
  const events = () =>
    imports.query(`select e.source, c.source as customer, p.source as product, e.text
      from behavior_event e join customer c on c.id = e.customer_id left join product p on p.id = e.product_id
      order by e.source`);
  const line = (source: string, name: string, total: number, number: number, quantity: number) => ({
    source,
    customer: source,
    product: source,
    name,
    total,
    line_number: number,
    quantity,
  });

  it('are sent by each for itself', async () => {
    expect(await send('north', [1, 2])).toEqual(['CREATED', 'CREATED', 'CREATED', 'CREATED']);
    expect(await send('south', [3, 4])).toEqual(['CREATED', 'CREATED', 'CREATED', 'CREATED']);
    // One line less than the other has.
    expect(await send('south', [5])).toEqual(['UNCHANGED', 'UNCHANGED', 'UPDATED', 'UNCHANGED']);
    const ofNoAmount = [{ externalId: '1', placedAt: '2024-05-01' }];
    const { dataSource } = imports.database;
    const [third] = await upsertOrders(dataSource, ofNoAmount, { source: 'third', currency: 'EUR' });
    expect(third).toMatchObject({ status: 'REJECTED', reason: 'total: give total or lines' });
    expect(await customers()).toEqual([
      { source: 'north', country: 'north', name: 'north' },
      { source: 'south', country: 'south', name: 'south' },
    ]);
    expect(await lines()).toEqual([
      line('north', 'north', 3, 1, 1),
      line('north', 'north', 3, 2, 2),
      line('south', 'south', 5, 1, 5),
    ]);
    expect(await events()).toEqual([
      { source: 'north', customer: 'north', product: 'north', text: 'north' },
      { source: 'south', customer: 'south', product: 'south', text: 'south' },
    ]);
  });

  it('are imported by each for itself, into empty tables and into those that are not', async () => {
    const { dataSource } = imports.database;
    await upsertCustomers(dataSource, [{ externalId: '1' }], 'west');
    await upsertProducts(dataSource, [{ externalId: '1', name: 'west' }], 'west');
    const file = (name: string, ...quantities: number[]) =>
      [header, ...quantities.map((quantity) => `1,2024-05-01,1,Chile,1,${name},${quantity},1`)].join('\n');
    await load('north', file('mug', 1, 2));
    await load('south', file('jug', 3, 4));
    await load('south', file('jug', 5));
    expect(await lines()).toEqual([
      line('north', 'mug', 3, 1, 1),
      line('north', 'mug', 3, 2, 2),
      line('south', 'jug', 5, 1, 5),
    ]);
  });

  it('are those of one where its name has spaces around it', async () => {
    const file = [header, '1,2024-05-01,1,Chile,1,mug,1,1'].join('\n');
    expect((await load('north', file)).orders).toMatchObject({ created: 1 });
    expect((await load(' north ', file)).orders).toMatchObject({ created: 0, unchanged: 1 });
  });

  const load = (source: string, content: string) => imports.load(content, flat, { source });

  it('load as fast for the second source, whose customers the planner knows nothing of', async () => {
    const mapping = { kind: 'customers', columns: { 'customer.externalId': 'id', 'customer.name': 'name' } } as const;
    const content = ['id,name', ...Array.from({ length: 20_000 }, (_, i) => `${i},Name ${i}`)].join('\n');
    await imports.load(content, mapping, { source: 'first' });
    const { customers: counts, seconds } = await imports.load(content, mapping, { source: 'second' });
    expect(counts).toEqual({ created: 20_000, updated: 0, unchanged: 0 });
    // Each compared with all others takes a minute.
    expect(seconds).toBeLessThan(20);
  });
});
