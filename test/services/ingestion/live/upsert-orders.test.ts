import { describe, expect, it } from 'vitest';
import type { OrderInput } from '../../../../src/services/ingestion/live/upsert.schemas.js';
import { useRecords } from '../../../support/records.js';

const database = useRecords();
const { query, orders } = database;
const statuses = (results: { status: string }[]) => results.map(({ status }) => status);

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

  it('keeps a total and a number of items that are given beside lines, as of an order with postage', async () => {
    await orders({ ...order, total: 22.2, itemCount: 2 });
    expect(await query('select total, item_count from customer_order')).toEqual([{ total: '22.2000', item_count: 2 }]);
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

  it('changes only what is given of an order that is there', async () => {
    await orders(order);
    expect(statuses(await orders({ externalId: 'o1', placedAt: '2024-05-02T12:00:00Z' }))).toEqual(['UPDATED']);
    expect(await query('select customer_id, total, item_count from customer_order')).toEqual([
      { customer_id: '1', total: '17.2000', item_count: 1 },
    ]);
    expect(await query('select count(*)::int as lines from order_line')).toEqual([{ lines: 2 }]);
    expect(await query('select day::text, net from purchase_day')).toEqual([{ day: '2024-05-02', net: '17.2000' }]);
  });

  it('wants an amount of an order that is new, or loses its lines, and else writes nothing of it', async () => {
    await orders(order);
    const reason = 'total: give total or lines';
    expect(
      await orders(
        { externalId: 'unknown', customerExternalId: 'nobody', placedAt: order.placedAt },
        { externalId: 'o1', placedAt: order.placedAt, lines: [] },
        { externalId: 'o2', placedAt: order.placedAt, total: 1 },
      ),
    ).toEqual([
      { index: 0, externalId: 'unknown', status: 'REJECTED', reason },
      { index: 1, externalId: 'o1', status: 'REJECTED', reason },
      { index: 2, externalId: 'o2', status: 'CREATED' },
    ]);
    expect(await query('select external_id from customer')).toEqual([{ external_id: 'new customer' }]);
    expect(await query('select count(*)::int as lines from order_line')).toEqual([{ lines: 2 }]);
  });

  it('rejects what is wrong with its path', async () => {
    const results = await orders(
      { externalId: 'no-total', placedAt: '2024-01-01' },
      { externalId: 'no-date', placedAt: 'soon', total: 1 },
      { externalId: 'half', placedAt: '2024-01-01', lines: [{ quantity: 1.5, unitPrice: 1 }] },
      { externalId: 'future', placedAt: '2999-01-01', total: 1 },
      { externalId: 'future, from the API', placedAt: new Date('2999-01-01'), total: 1 },
      { externalId: 'huge', placedAt: '2024-01-01', lines: [{ quantity: 1_000_000, unitPrice: 999_999 }] },
      { externalId: 'many', placedAt: '2024-01-01', lines: [{ quantity: 1_000_001, unitPrice: 1 }] },
      { externalId: 'few', placedAt: '2024-01-01', total: 1, itemCount: -1_000_001 },
      {
        externalId: 'long',
        placedAt: '2024-01-01',
        lines: Array.from({ length: 2_001 }, () => ({ quantity: 1, unitPrice: 1 })),
      },
      { externalId: 'good', placedAt: '2024-01-01', total: 1 },
    );
    expect(results.map(({ status, reason }) => reason ?? status)).toEqual([
      'total: give total or lines',
      'placedAt: is not an ISO 8601 date such as 2026-03-31T08:15:00Z',
      'lines.0.quantity: is not a whole number',
      'placedAt: lies in the future',
      'placedAt: lies in the future',
      'lines.0: makes an amount that is not between -10,000,000,000 and 10,000,000,000',
      'lines.0.quantity: is not between -1,000,000 and 1,000,000',
      'itemCount: is not between -1,000,000 and 1,000,000',
      'lines: holds more than 2000 lines',
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
    const totals = ['abc', '1,5', '1,234.50', '99999999999', '-99999999999', '1'.repeat(51)];
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
      'total: is not between -10,000,000,000 and 10,000,000,000',
      'total: is not between -10,000,000,000 and 10,000,000,000',
      'total: is too long',
      notDecimal,
    ]);
  });

  it('warns of orders that are not in the currency of most others, although it takes them', async () => {
    const sale = (externalId: string, currency?: string): OrderInput => ({
      externalId,
      customerExternalId: 'c',
      placedAt: '2024-05-01',
      total: 10,
      ...(currency && { currency }),
    });
    const told = async (...sales: OrderInput[]) => (await orders(...sales)).map(({ warning }) => warning);
    expect(await told(sale('e1', 'EUR'), sale('e2', 'EUR'))).toEqual([undefined, undefined]);
    // New ones without a currency are in the shop's own, which nobody has set to that of its orders.
    const [ofNew, ofEuro] = await told(sale('u1'), sale('e1', 'EUR'));
    expect(ofNew).toBe(
      'is in USD, but most orders are in EUR, and amounts are added without conversion: convert them, and send the order ' +
        'again with the currency EUR',
    );
    expect(ofEuro).toBeUndefined();
    expect(await told({ externalId: 'u1', placedAt: '2024-05-01' })).toEqual([ofNew]);
    expect(await told(sale('u1', 'EUR'))).toEqual([undefined]);
    // Nobody's orders are added to nobody's.
    expect(await told({ ...sale('u2', 'USD'), customerExternalId: null })).toEqual([undefined]);
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
