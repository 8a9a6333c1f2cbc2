import fc from 'fast-check';
import { expect, it } from 'vitest';
import { computeFeatures } from '../../../../src/ml/features/compute-features.js';
import { findStaleCustomers } from '../../../../src/ml/features/purchase-days.js';
import { deleteEvents, deleteOrders } from '../../../../src/services/ingestion/live/deletions.js';
import type { EventInput, OrderInput } from '../../../../src/services/ingestion/live/upsert.schemas.js';
import { recordEvents, upsertCustomers, upsertProducts } from '../../../../src/services/ingestion/live/upserts.js';
import { upsertOrders } from '../../../../src/services/ingestion/live/upsert-orders.js';
import { useTestDatabase } from '../../../support/database.js';

const database = useTestDatabase();
const source = 'shop';
const query = (sql: string) => database.dataSource.query<object[]>(sql);

const customers = ['ada', 'bo', 'cy'];
const products = [
  { externalId: 'mug', name: 'Mug', category: 'Kitchen' },
  { externalId: 'lamp', name: 'Lamp', category: 'Light' },
  { externalId: 'post', name: 'Postage', merchandise: false },
];

// Few days and few products: what is taken out shares them with what stays.
const instant = fc
  .record({ day: fc.integer({ min: 1, max: 12 }), hour: fc.integer({ min: 0, max: 23 }) })
  .map(({ day, hour }) => new Date(Date.UTC(2024, day % 2, day, hour)));
const line = fc.record({
  productExternalId: fc.constantFrom('mug', 'lamp', 'post', null),
  quantity: fc.constantFrom(1, 2, 0, -1),
  unitPrice: fc.constantFrom('5', '19.99', '0', '-3', '5000000'),
});
const order = fc.record({
  customerExternalId: fc.constantFrom(...customers, null),
  placedAt: instant,
  amount: fc.oneof(
    fc.record({ total: fc.constantFrom('10', '0', '-10', '5000000') }),
    fc.record({ lines: fc.array(line, { minLength: 1, maxLength: 4 }) }),
  ),
});
const event = fc.record({
  customerExternalId: fc.constantFrom(...customers),
  type: fc.constantFrom('BROWSE' as const, 'SEARCH' as const, 'REVIEW' as const),
  occurredAt: instant,
  productExternalId: fc.constantFrom('mug', 'lamp', null),
  text: fc.constantFrom('a red mug', 'too late', null),
});
const shop = fc.record({
  orders: fc.array(order, { maxLength: 8 }),
  events: fc.array(event, { maxLength: 5 }),
});

type Shop = typeof shop extends fc.Arbitrary<infer Value> ? Value : never;

const ordersOf = ({ orders }: Shop, prefix: string): OrderInput[] =>
  orders.map(({ amount, ...rest }, i) => ({ externalId: `${prefix}${i}`, ...rest, ...amount }));
const eventsOf = ({ events }: Shop, prefix: string): EventInput[] =>
  events.map((each, i) => ({ externalId: `${prefix}${i}`, ...each }));

async function write(given: Shop, prefix: string): Promise<void> {
  await upsertOrders(database.dataSource, ordersOf(given, prefix), { source, currency: 'EUR' });
  await recordEvents(database.dataSource, eventsOf(given, prefix), source);
}

/** Everything that orders and events make, and these themselves. */
async function state(): Promise<Record<string, unknown>> {
  const tables = {
    orders: `select external_id, customer_id, placed_at, total, item_count from customer_order order by external_id`,
    lines: `select o.external_id, l.line_number, l.product_id, l.quantity, l.unit_price
      from order_line l join customer_order o on o.id = l.order_id order by o.external_id, l.line_number`,
    events: 'select external_id, occurred_at, customer_id, type, text from behavior_event order by external_id',
    days: 'select * from purchase_day order by customer_id, day',
    summaries: 'select * from customer_summary order by customer_id',
    customers: 'select id, external_id, country, attributes, updated_at from customer order by id',
  };
  const read = await Promise.all(Object.entries(tables).map(async ([name, sql]) => [name, await query(sql)] as const));
  // All that a model reads, narratives included; predictions and explanations are made of nothing else.
  const features = await computeFeatures(database.dataSource, { asOf: new Date('2024-03-01') });
  return { ...Object.fromEntries(read), features };
}

it('what is put in and deleted again leaves everything as if it had never been there', async () => {
  let differing = 0;
  await fc.assert(
    fc.asyncProperty(shop, shop, shop, async (kept, extra, later) => {
      const { dataSource } = database;
      await query('truncate customer, product, customer_order, order_line, behavior_event restart identity cascade');
      await upsertCustomers(
        dataSource,
        customers.map((externalId) => ({ externalId })),
        source,
      );
      await upsertProducts(dataSource, products, source);
      await write(kept, 'kept');
      const before = await state();

      await write(extra, 'extra');
      // The same orders as something else, and of others.
      await write(later, 'extra');
      if (JSON.stringify(await state()) !== JSON.stringify(before)) differing++;
      const sent = [...ordersOf(extra, 'extra'), ...ordersOf(later, 'extra')].map(({ externalId }) => externalId);
      await deleteOrders(dataSource, [...new Set(sent)], source);
      await deleteEvents(dataSource, [...eventsOf(extra, 'extra'), ...eventsOf(later, 'extra')], source);

      expect(await state()).toEqual(before);
      expect(await findStaleCustomers(dataSource, '0', '9223372036854775807')).toEqual([]);
    }),
    { numRuns: 25, seed: 7 },
  );
  expect(differing).toBeGreaterThan(15);
});
