import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { upsertOrders } from '../../../src/services/ingestion/upsert-orders.js';
import { type EventInput, maximumBatchSize, type OrderInput } from '../../../src/services/ingestion/upsert.types.js';
import { recordEvents, upsertCustomers, upsertProducts } from '../../../src/services/ingestion/upserts.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;
beforeAll(async () => void (database = await createTestDatabase()));
afterAll(() => database[Symbol.asyncDispose]());
afterEach(() =>
  database.dataSource.query(
    'truncate customer, product, customer_order, order_line, behavior_event, purchase_day restart identity cascade',
  ),
);

const query = <Row>(sql: string) => database.dataSource.query<Row[]>(sql);
const orders = (...items: OrderInput[]) => upsertOrders(database.dataSource, items, { currency: 'USD' });
const statuses = (results: { status: string }[]) => results.map(({ status }) => status);

describe('upsertCustomers', () => {
  it('creates, updates, leaves; null clears, absence leaves; personal data stays apart', async () => {
    const { dataSource } = database;
    const first = await upsertCustomers(dataSource, [
      {
        externalId: '9223372036854775807',
        country: 'Chile',
        attributes: { a: 1, b: { c: [null, 'x'], n: null }, gone: null },
      },
      { externalId: 'c2', country: 'Peru', personalData: { name: 'Ada', email: 'ada@x.org' } },
      { externalId: 'c3' },
    ]);
    expect(statuses(first)).toEqual(['CREATED', 'CREATED', 'CREATED']);
    const second = await upsertCustomers(dataSource, [
      { externalId: '9223372036854775807', attributes: { a: null, d: true } },
      { externalId: 'c2', country: null, personalData: { email: null } },
      { externalId: 'c3', country: null, personalData: { name: null } },
    ]);
    expect(statuses(second)).toEqual(['UPDATED', 'UPDATED', 'UNCHANGED']);
    expect(await query('select external_id, country, attributes from customer order by id')).toEqual([
      { external_id: '9223372036854775807', country: 'Chile', attributes: { b: { c: [null, 'x'], n: null }, d: true } },
      { external_id: 'c2', country: null, attributes: {} },
      { external_id: 'c3', country: null, attributes: {} },
    ]);
    expect(await query('select name, email from customer_personal_data')).toEqual([{ name: 'Ada', email: null }]);
  });

  it('what no index or column takes is rejected by itself', async () => {
    const { dataSource } = database;
    const products = [
      { externalId: 'p1', category: 'x'.repeat(501) },
      { externalId: 'p2', price: `1.${'0'.repeat(20_000)}` },
      { externalId: 'p3', category: null },
    ];
    expect(await upsertProducts(dataSource, products)).toMatchObject([
      { status: 'REJECTED', reason: 'category: is longer than 500 characters' },
      { status: 'REJECTED', reason: 'price: is too long' },
      { status: 'CREATED' },
    ]);
  });

  it('names and addresses longer than anybody’s are rejected by themselves', async () => {
    const long = 'x'.repeat(1_001);
    const customers = [{ name: long }, { email: long }, { phone: 'x'.repeat(1_000) }].map((personalData, i) => ({
      externalId: `long${i}`,
      personalData,
    }));
    expect(await upsertCustomers(database.dataSource, customers)).toMatchObject([
      { status: 'REJECTED', reason: 'personalData.name: is longer than 1000 characters' },
      { status: 'REJECTED', reason: 'personalData.email: is longer than 1000 characters' },
      { status: 'CREATED' },
    ]);
  });

  it('attributes that are nested too deeply are rejected by themselves', async () => {
    const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
    let endless: unknown = 1;
    for (let level = 0; level < 50_000; level++) endless = [endless];
    const reason = 'attributes: is nested more than 100 levels deep';
    expect(
      await upsertCustomers(database.dataSource, [
        { externalId: 'a', attributes: { a: nested(99) } },
        { externalId: 'b', attributes: { a: nested(100) } },
        { externalId: 'c', attributes: { a: endless } },
      ]),
    ).toMatchObject([{ status: 'CREATED' }, { status: 'REJECTED', reason }, { status: 'REJECTED', reason }]);
  });

  it('keeps sources apart', async () => {
    const { dataSource } = database;
    await upsertCustomers(dataSource, [{ externalId: '1' }], { source: 'shopify' });
    expect(statuses(await upsertCustomers(dataSource, [{ externalId: '1' }]))).toEqual(['CREATED']);
  });

  it('rejects bad items with their reasons and takes the others', async () => {
    const items = [
      { externalId: ' ' },
      { externalId: 'ok' },
      { externalId: 'ok', country: 'x' },
      { externalId: 'nul', country: 'a\0b' },
      { externalId: 'half', attributes: { deep: ['\ud83d'] } },
    ];
    const results = await upsertCustomers(database.dataSource, items);
    expect(results).toEqual([
      { index: 0, externalId: ' ', status: 'REJECTED', reason: 'externalId: is empty' },
      { index: 1, externalId: 'ok', status: 'CREATED' },
      { index: 2, externalId: 'ok', status: 'REJECTED', reason: 'is in this batch already, as item 1' },
      { index: 3, externalId: 'nul', status: 'REJECTED', reason: expect.stringContaining('country: holds a NUL') },
      { index: 4, externalId: 'half', status: 'REJECTED', reason: expect.stringContaining('attributes: holds a NUL') },
    ]);
  });

  it('refuses a batch that is too large, whole', async () => {
    const items = Array.from({ length: maximumBatchSize + 1 }, (_, i) => ({ externalId: String(i) }));
    await expect(upsertCustomers(database.dataSource, items)).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: expect.stringContaining('1001'),
    });
    expect(statuses(await upsertCustomers(database.dataSource, items.slice(1)))).toEqual(
      Array.from({ length: maximumBatchSize }, () => 'CREATED'),
    );
  });

  it('ignores null attributes and makes predictions stale only where something changed', async () => {
    await upsertCustomers(database.dataSource, [{ externalId: 'a', country: 'X' }, { externalId: 'b' }]);
    const facts = () => query<{ at: string }>('select facts_changed_at::text as at from customer order by id');
    const [a, b] = await facts();
    await upsertCustomers(database.dataSource, [
      { externalId: 'a', country: 'Y' },
      { externalId: 'b', attributes: null },
    ]);
    const [aAfter, bAfter] = await facts();
    expect(aAfter!.at > a!.at).toBe(true);
    expect(bAfter).toEqual(b);
  });
});

describe('upsertOrders', () => {
  const order: OrderInput = {
    externalId: 'o1',
    customerExternalId: 'new customer',
    placedAt: '2024-05-01T12:00:00Z',
    lines: [
      { productExternalId: 'p1', quantity: 2, unitPrice: '10.10' },
      { productExternalId: 'p2', quantity: -1, unitPrice: 3 },
    ],
  };

  it('creates unknown customers and products, adds up the lines and computes purchase days', async () => {
    expect(await orders(order)).toEqual([{ index: 0, externalId: 'o1', status: 'CREATED' }]);
    expect(await query('select customer_id, currency, total, item_count from customer_order')).toEqual([
      { customer_id: '1', currency: 'USD', total: '17.2000', item_count: 1 },
    ]);
    expect(await query('select external_id from product order by 1')).toEqual([
      { external_id: 'p1' },
      { external_id: 'p2' },
    ]);
    expect(await query('select day::text, net, gross, returned from purchase_day')).toEqual([
      { day: '2024-05-01', net: '17.2000', gross: '20.2000', returned: '3.0000' },
    ]);
    expect(statuses(await orders(order))).toEqual(['UNCHANGED']);
  });

  it('replaces lines that are given, and leaves them where none are', async () => {
    await orders(order);
    expect(statuses(await orders({ ...order, lines: order.lines!.slice(0, 1) }))).toEqual(['UPDATED']);
    expect(await query('select line_number, quantity from order_line')).toEqual([{ line_number: 1, quantity: 2 }]);
    expect(await query('select net from purchase_day')).toEqual([{ net: '20.2000' }]);
    const { lines: _, ...withoutLines } = order;
    expect(statuses(await orders({ ...withoutLines, total: 20.2, itemCount: 2 }))).toEqual(['UNCHANGED']);
    // Another product at the same total: the order's own row stays, its line does not.
    const swapped = { ...order, lines: [{ productExternalId: 'p2', quantity: 2, unitPrice: '10.10' }] };
    expect(statuses(await orders(swapped))).toEqual(['UPDATED']);
  });

  it('says so where amounts that are each possible add up to more than can be kept, and writes nothing', async () => {
    const lines = Array.from({ length: 2_000 }, () => ({
      productExternalId: 'p',
      quantity: 1_000_000,
      unitPrice: '9999',
    }));
    const order = (externalId: string): OrderInput => ({
      externalId,
      customerExternalId: 'c',
      placedAt: new Date('2026-01-01T12:00:00Z'),
      lines: lines.map((line, i) => ({ ...line, productExternalId: `p${i}` })),
    });
    for (let i = 0; i < 5; i++) expect(statuses(await orders(order(`o${i}`)))).toEqual(['CREATED']);
    await expect(orders(order('o5'))).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: expect.stringContaining('Look for a wrong quantity, price or total'),
    });
    expect(await query('select count(*)::int as n from customer_order')).toEqual([{ n: 5 }]);
  });

  it('moves an order to another customer, and refreshes both', async () => {
    await orders(order);
    await orders({ ...order, customerExternalId: 'other' });
    expect(await query('select external_id from purchase_day join customer on id = customer_id')).toEqual([
      { external_id: 'other' },
    ]);
    expect(statuses(await orders({ ...order, customerExternalId: null }))).toEqual(['UNCHANGED']);
  });

  it('takes orders without lines, and keeps the currency that an order has', async () => {
    const plain: OrderInput = {
      externalId: 'o2',
      customerExternalId: 'c',
      placedAt: new Date('2024-01-01'),
      total: '5',
    };
    expect(statuses(await orders({ ...plain, currency: 'EUR' }))).toEqual(['CREATED']);
    expect(statuses(await orders(plain))).toEqual(['UNCHANGED']);
    expect(await query('select net from purchase_day')).toEqual([{ net: '5.0000' }]);
  });

  it('rejects what is wrong with its path', async () => {
    const results = await orders(
      { externalId: 'no-total', placedAt: '2024-01-01' },
      { externalId: 'no-date', placedAt: 'soon', total: 1 },
      { externalId: 'half', placedAt: '2024-01-01', lines: [{ quantity: 1.5, unitPrice: 1 }] },
      { externalId: 'future', placedAt: '2999-01-01', total: 1 },
      { externalId: 'huge', placedAt: '2024-01-01', lines: [{ quantity: 1_000_000, unitPrice: 999_999 }] },
      { externalId: 'good', placedAt: '2024-01-01', total: 1 },
    );
    expect(results.map(({ status, reason }) => reason ?? status)).toEqual([
      'total: is missing, and there are no lines to add up',
      'placedAt: is not an ISO 8601 date such as 2026-03-31T08:15:00Z',
      'lines.0.quantity: is not a whole number',
      'placedAt: lies in the future',
      'lines.0: makes an amount out of range',
      'CREATED',
    ]);
  });

  it('takes every form of a date that says which instant it is', async () => {
    const forms = [
      '2024-01-01T10:00Z',
      '2024-01-01T11:00:00+0100',
      '2024-01-01 10:00:00Z',
      '2024-01-01T12:00:00.0+02:00',
      '2024-01-01T12:00:00.00+02',
      '2024-01-01T10:00:00.000 UTC',
    ];
    const placed = [...forms, '2024-01-01', '2024-01-01T10:00:00', '2024-01-01 10:00', '2024-02-30T10:00Z'];
    const results = await orders(...placed.map((placedAt) => ({ externalId: placedAt, placedAt, total: 1 })));
    const noZone = 'placedAt: names no time zone, as 2026-03-31T08:15:00Z and 2026-03-31T10:15:00+02:00 do';
    expect(results.map(({ status, reason }) => reason ?? status)).toEqual([
      ...placed.slice(0, 7).map(() => 'CREATED'),
      noZone,
      noZone,
      'placedAt: is not an ISO 8601 date such as 2026-03-31T08:15:00Z',
    ]);
    const hour = (at: string) => ({ at: new Date(at) });
    expect(await query('select placed_at as at from customer_order order by external_id collate "C"')).toEqual([
      hour('2024-01-01T00:00Z'),
      ...forms.map(() => hour('2024-01-01T10:00Z')),
    ]);
  });

  it('gives one reason for an amount', async () => {
    const totals = ['abc', '1,5', '1,234.50', '99999999999', '1'.repeat(51)];
    const results = await orders(...totals.map((total) => ({ externalId: total, placedAt: '2024-01-01', total })), {
      externalId: 'list',
      placedAt: '2024-01-01',
      total: [] as unknown as string,
    });
    const notDecimal =
      'total: is not a decimal number such as 1234.50, with a decimal point and nothing between thousands';
    expect(results.map(({ reason }) => reason)).toEqual([
      notDecimal,
      notDecimal,
      notDecimal,
      'total: is out of range',
      'total: is too long',
      notDecimal,
    ]);
  });

  it('survives many writers of the same customers at once', async () => {
    const batchOf = (writer: number): OrderInput[] =>
      Array.from({ length: 40 }, (_, i) => ({
        externalId: `w${writer}-${i}`,
        // Every writer in an order of its own, so that locks cross.
        customerExternalId: `c${writer % 2 === 0 ? i : 39 - i}`,
        placedAt: '2024-01-01',
        total: 1,
      }));
    const results = await Promise.all([0, 1, 2, 3, 4, 5].map((writer) => orders(...batchOf(writer))));
    expect(new Set(results.flatMap(statuses))).toEqual(new Set(['CREATED']));
    expect(await query('select count(*)::int as days, sum(net)::int as net from purchase_day')).toEqual([
      { days: 40, net: 240 },
    ]);
  });
});

describe('upsertProducts', () => {
  it('recomputes the purchase days of buyers when a product is no merchandise after all', async () => {
    await orders({
      externalId: 'o1',
      customerExternalId: 'c1',
      placedAt: '2024-05-01',
      lines: [
        { productExternalId: 'mug', quantity: 1, unitPrice: 5 },
        { productExternalId: 'voucher', quantity: 1, unitPrice: 50 },
      ],
    });
    const results = await upsertProducts(database.dataSource, [
      { externalId: 'mug', name: 'Mug', category: 'Kitchen', price: '5.00' },
      { externalId: 'voucher', merchandise: false },
      { externalId: 'new', price: 'a lot' },
    ]);
    expect(results.map(({ status, reason }) => reason ?? status)).toEqual([
      'UPDATED',
      'UPDATED',
      expect.stringContaining('price'),
    ]);
    expect(await query('select net from purchase_day')).toEqual([{ net: '5.0000' }]);
    expect(statuses(await upsertProducts(database.dataSource, [{ externalId: 'mug', price: 5 }]))).toEqual([
      'UNCHANGED',
    ]);
  });
});

describe('recordEvents', () => {
  it('records once, creates what is unknown and rejects what is wrong', async () => {
    const event: EventInput = {
      externalId: 'e1',
      customerExternalId: 'c1',
      type: 'REVIEW',
      productExternalId: 'p1',
      occurredAt: '2024-02-29T23:30:00-02:00',
      text: 'lovely',
      attributes: { stars: 5 },
    };
    const bad = { ...event, externalId: 'e2', type: 'DANCE' as 'REVIEW' };
    const results = await recordEvents(database.dataSource, [
      event,
      bad,
      { ...event, occurredAt: '2024-03-02' },
      event,
    ]);
    expect(results).toEqual([
      { index: 0, externalId: 'e1', status: 'CREATED' },
      { index: 1, externalId: 'e2', status: 'REJECTED', reason: expect.stringContaining('type: ') },
      { index: 2, externalId: 'e1', status: 'CREATED' },
      { index: 3, externalId: 'e1', status: 'REJECTED', reason: 'is in this batch already, as item 0' },
    ]);
    expect(statuses(await recordEvents(database.dataSource, [event]))).toEqual(['UNCHANGED']);
    const changes = { text: null, attributes: { stars: { a: null }, more: null } };
    expect(statuses(await recordEvents(database.dataSource, [{ ...event, ...changes }]))).toEqual(['UPDATED']);
    expect(statuses(await recordEvents(database.dataSource, [{ ...event, ...changes }]))).toEqual(['UNCHANGED']);
    expect(
      await query('select tableoid::regclass::text as partition, text, attributes from behavior_event order by 1, 2'),
    ).toEqual([
      { partition: 'behavior_event_2024_03', text: 'lovely', attributes: { stars: 5 } },
      { partition: 'behavior_event_2024_03', text: null, attributes: { stars: { a: null } } },
    ]);
  });

  it('keeps the product of an event that is sent again without one', async () => {
    const event: EventInput = { externalId: 'e', customerExternalId: 'c', type: 'CART', occurredAt: '2024-02-01' };
    await recordEvents(database.dataSource, [{ ...event, productExternalId: 'p' }]);
    expect(statuses(await recordEvents(database.dataSource, [{ ...event, text: 'x' }]))).toEqual(['UPDATED']);
    expect(
      await query('select e.text, p.external_id as product from behavior_event e join product p on p.id = product_id'),
    ).toEqual([{ text: 'x', product: 'p' }]);
  });

  it('makes predictions stale only where an event is new or changed', async () => {
    const event: EventInput = { externalId: 'e', customerExternalId: 'c', type: 'SEARCH', occurredAt: '2024-02-01' };
    const facts = () => query('select facts_changed_at::text as at from customer');
    const after = async (text: string) => {
      await recordEvents(database.dataSource, [{ ...event, text }]);
      return facts();
    };
    await upsertCustomers(database.dataSource, [{ externalId: 'c' }]);
    const known = await facts();
    const recorded = await after('mug');
    expect(recorded).not.toEqual(known);
    expect(await after('mug')).toEqual(recorded);
    expect(await after('jug')).not.toEqual(recorded);
  });
});
