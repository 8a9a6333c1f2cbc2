import { describe, expect, it } from 'vitest';
import type { ImportMapping } from '../../../src/services/ingestion/import.types.js';
import { flat, header, lines, useImports } from './imports.js';

const imports = useImports();
const { query, load } = imports;

const searches: ImportMapping = {
  kind: 'events',
  columns: {
    'event.externalId': 'id',
    'customer.externalId': 'who',
    'event.occurredAt': 'at',
    'event.text': 'what',
  },
  constants: { 'event.type': 'SEARCH' },
};

describe('kinds of files beside order lines', () => {
  it('customers: personal data goes to its own table; an empty field leaves what is there; attributes add up', async () => {
    const mapping: ImportMapping = {
      kind: 'customers',
      columns: {
        'customer.externalId': 'id',
        'customer.country': 'land',
        'customer.name': 'name',
        'customer.email': 'mail',
        'customer.phone': 'tel',
        'customer.attributes.channel': 'channel',
      },
    };
    const loadPeople = (...rows: string[]) => load(['id;land;name;mail;tel;channel', ...rows, ''].join('\n'), mapping);
    await loadPeople('1;DE;Ada;a@x.org;+49 30 1;ads', '2;;;;;');
    const report = await loadPeople('1;;Ada L.;;;', '2;;;;;');
    expect(report.customers).toEqual({ created: 0, updated: 1, unchanged: 1 });
    expect(await query('select external_id, country, attributes from customer order by 1')).toEqual([
      { external_id: '1', country: 'DE', attributes: { channel: 'ads' } },
      { external_id: '2', country: null, attributes: {} },
    ]);
    expect(await query('select customer_id, name, email, phone from customer_personal_data')).toEqual([
      { customer_id: '1', name: 'Ada L.', email: 'a@x.org', phone: '+49 30 1' },
    ]);
    expect((await loadPeople('1;;;;+49 30 2;')).customers).toEqual({ created: 0, updated: 1, unchanged: 0 });
    expect(await query('select name, email, phone from customer_personal_data')).toEqual([
      { name: 'Ada L.', email: 'a@x.org', phone: '+49 30 2' },
    ]);
  });

  it('products: with all that is said of them, which other files leave', async () => {
    const fields = ['name', 'pictureCaption', 'description', 'category', 'price', 'merchandise'];
    const mapping: ImportMapping = {
      kind: 'products',
      columns: {
        'product.externalId': 'sku',
        ...Object.fromEntries(fields.map((field) => [`product.${field}`, field])),
      },
    };
    const loadProduct = (row: string) => load(`sku,${fields.join(',')}\n${row}\n`, mapping);
    const stored = () => query('select name, picture_caption, description, category, price, merchandise from product');
    await loadProduct('S1,Mug,a red mug,Of clay,Kitchen,5.5,no');
    await load('order,date,customer,sku,qty,price\nA1,2024-03-01,c1,S1,1,5', lines);
    const mug = { name: 'Mug', picture_caption: 'a red mug', category: 'Kitchen', merchandise: false };
    expect(await stored()).toEqual([{ ...mug, description: 'Of clay', price: '5.5000' }]);
    expect((await loadProduct('S1,,,,,6,')).products).toEqual({ created: 0, updated: 1, unchanged: 0 });
    expect((await loadProduct('S1,,,Of glass,,,')).products).toEqual({ created: 0, updated: 1, unchanged: 0 });
    expect(await stored()).toEqual([{ ...mug, description: 'Of glass', price: '6.0000' }]);
  });

  it('orders: of an id given twice the later row counts; without ids equal rows stay apart', async () => {
    const columns = { 'customer.externalId': 'c', 'order.placedAt': 'd', 'order.total': 't' };
    const withIds: ImportMapping = { kind: 'orders', columns: { ...columns, 'order.externalId': 'o' } };
    await load('o,c,d,t\n1,a,2024-01-01,5\n1,a,2024-01-01,6\n', withIds);
    expect(await query('select total from customer_order')).toEqual([{ total: '6.0000' }]);
    const lacking = await load('o,c,d,t\n,a,2024-01-01,7\n', withIds);
    expect(lacking).toMatchObject({ rowsAccepted: 0, rejections: { '"o" is empty': 1 } });
    const withoutIds: ImportMapping = { kind: 'orders', columns };
    const rows = 'c,d,t\nb,2024-01-01,5\nb,2024-01-01,5\nb,2024-01-02,5\n';
    await load(rows, withoutIds);
    const again = await load(rows, withoutIds);
    expect(again.orders).toEqual({ created: 0, updated: 0, unchanged: 3 });
    expect(await query(`select external_id from customer_order where external_id <> '1' order by 1`)).toEqual([
      { external_id: 'b/2024-01-01/1' },
      { external_id: 'b/2024-01-01/2' },
      { external_id: 'b/2024-01-02/1' },
    ]);
  });

  it('orders and events: without ids are known again in a later export that overlaps and lists the newest first', async () => {
    const orders: ImportMapping = {
      kind: 'orders',
      columns: { 'customer.externalId': 'c', 'order.placedAt': 'd', 'order.total': 't' },
    };
    const placed = ['b,2024-01-01T08:00:00Z,5', 'b,2024-01-01T09:00:00Z,6', 'b,2024-01-02T08:00:00Z,7'];
    await load(['c,d,t', ...placed.slice(0, 2)].join('\n'), orders);
    const { orders: known } = await load(['c,d,t', ...placed.toReversed()].join('\n'), orders);
    expect(known).toEqual({ created: 1, updated: 0, unchanged: 2 });

    const events: ImportMapping = {
      kind: 'events',
      columns: { 'customer.externalId': 'c', 'event.occurredAt': 'd' },
      constants: { 'event.type': 'browse' },
    };
    const browsed = ['b,2024-01-01T08:00:00Z', 'b,2024-01-01T08:00:00Z', 'b,2024-01-01T09:00:00Z'];
    await load(['c,d', ...browsed.slice(0, 2)].join('\n'), events);
    const { events: seen } = await load(['c,d', ...browsed.toReversed()].join('\n'), events);
    expect(seen).toEqual({ created: 1, updated: 0, unchanged: 2 });
  });

  it('orders: what was paid back is taken from the total, however its sign is written', async () => {
    const mapping: ImportMapping = {
      kind: 'orders',
      columns: {
        'order.externalId': 'o',
        'customer.externalId': 'c',
        'order.placedAt': 'd',
        'order.total': 't',
        'order.refunded': 'r',
      },
    };
    await load('o,c,d,t,r\n1,a,2024-01-01,20.00,4.00\n2,a,2024-01-02,$20,-$20\n3,a,2024-01-03,7,\n', mapping);
    expect(await query('select external_id, total from customer_order order by 1')).toEqual([
      { external_id: '1', total: '16.0000' },
      { external_id: '2', total: '0.0000' },
      { external_id: '3', total: '7.0000' },
    ]);
    expect(await query('select day::text, net from purchase_day order by 1')).toEqual([
      { day: '2024-01-01', net: '16.0000' },
      { day: '2024-01-03', net: '7.0000' },
    ]);
  });

  it('events: under the names that the mapping gives for those of the file', async () => {
    const mapping: ImportMapping = {
      kind: 'events',
      columns: {
        'customer.externalId': 'user_id',
        'event.occurredAt': 'event_timestamp',
        'event.type': 'event_name',
        'event.text': 'note',
      },
      dateFormat: 'epoch',
      values: { 'event.type': { 'Product Viewed': 'BROWSE', add_to_cart: 'cart' }, 'event.text': { '-': '' } },
    };
    const at = (second: number) => `170676${second}123456`;
    const rows = [
      `c1,${at(1111)},Product Viewed,-`,
      `c1,${at(1112)}, add_to_cart ,x`,
      `c1,${at(1113)},search,constructor`,
      `c1,${at(1114)},constructor,x`,
    ];
    const report = await load(['user_id,event_timestamp,event_name,note', ...rows].join('\n'), mapping);
    expect(report).toMatchObject({ rowsAccepted: 3, rowsRejected: 1 });
    expect(await query('select type, text from behavior_event order by occurred_at')).toEqual([
      { type: 'BROWSE', text: null },
      { type: 'CART', text: 'x' },
      { type: 'SEARCH', text: 'constructor' },
    ]);
  });

  it('order lines: a file’s ids that stand for one order make one, and other names are read the slow way', async () => {
    const mapping: ImportMapping = {
      ...flat,
      values: { 'order.externalId': { A2: 'A1' }, 'customer.country': { UK: 'GB' } },
    };
    await load([header, 'A1,2024-03-01,c1,UK,S1,Mug,2,4', 'A2,2024-03-01,c1,UK,S1,Mug,1,4'].join('\n'), mapping);
    expect(
      await query(
        'select o.external_id, o.total, c.country from customer_order o join customer c on c.id = o.customer_id',
      ),
    ).toEqual([{ external_id: 'A1', total: '12.0000', country: 'GB' }]);
  });

  it('customers and products: what the last row of an id leaves empty, earlier ones say', async () => {
    const columns = {
      'customer.externalId': 'id',
      'customer.country': 'land',
      'customer.name': 'name',
      'customer.attributes.a': 'a',
      'customer.attributes.b': 'b',
    };
    const rows = ['1,DE,Ada,x,', '2,FR,Bob,y,z', '1,,Ada L.,,old', '1,AT,,,new', '1,,,,'];
    await load(['id,land,name,a,b', ...rows].join('\n'), { kind: 'customers', columns });
    expect(
      await query(`select c.country, c.attributes, p.name from customer c join customer_personal_data p
        on p.customer_id = c.id order by c.external_id`),
    ).toEqual([
      { country: 'AT', attributes: { a: 'x', b: 'new' }, name: 'Ada L.' },
      { country: 'FR', attributes: { a: 'y', b: 'z' }, name: 'Bob' },
    ]);
    const fields = ['name', 'category', 'description', 'pictureCaption', 'price', 'merchandise'];
    const ofProducts = ['externalId', ...fields].map((field) => [`product.${field}`, field]);
    const mapping: ImportMapping = { kind: 'products', columns: Object.fromEntries(ofProducts) };
    const variants = ['mug,Mug,Cups,Red.,A mug,10,no', 'mug,,,,,11,', 'mug,,,,,,'];
    const content = [['externalId', ...fields].join(','), ...variants].join('\n');
    const described = { description: 'Red.', picture_caption: 'A mug', price: '11.0000', merchandise: false };
    expect((await load(content, mapping)).products).toEqual({ created: 1, updated: 0, unchanged: 0 });
    expect(await query('select name, category, description, picture_caption, price, merchandise from product')).toEqual(
      [{ name: 'Mug', category: 'Cups', ...described }],
    );
    expect((await load(content, mapping)).products).toEqual({ created: 0, updated: 0, unchanged: 1 });
  });

  it('products and events: of an id given twice the later row counts', async () => {
    const products: ImportMapping = {
      kind: 'products',
      columns: { 'product.externalId': 'sku', 'product.name': 'name' },
    };
    await load('sku,name\na,Old\nb,Other\na,New\n', products);
    expect(await query('select external_id, name from product order by 1')).toEqual([
      { external_id: 'a', name: 'New' },
      { external_id: 'b', name: 'Other' },
    ]);
    await load('id,who,at,what\n1,c,2024-01-01,old\n1,c,2024-01-01,new\n', searches);
    expect(await query('select text from behavior_event')).toEqual([{ text: 'new' }]);
    // At another instant it is another event.
    await load('id,who,at,what\n1,c,2024-01-02,later\n1,c,2024-01-03,last\n', searches);
    expect(await query('select text from behavior_event order by occurred_at')).toEqual([
      { text: 'new' },
      { text: 'later' },
      { text: 'last' },
    ]);
  });

  it('events: one that moves to another customer makes the predictions of both stale, a new one those of its customer', async () => {
    await load('id,who,at,what\n1,a,2024-01-01,mug\n2,other,2024-01-01,mug\n', searches);
    const facts = () =>
      query<{ at: string }>(
        `select facts_changed_at::text as at from customer where external_id in ('a', 'other') order by external_id`,
      );
    const [a, other] = await facts();
    await load('id,who,at,what\n1,b,2024-01-01,mug\n', searches);
    const [aAfter, otherAfter] = await facts();
    expect(aAfter).not.toEqual(a);
    expect(otherAfter).toEqual(other);
    await load('id,who,at,what\n3,other,2024-01-02,mug\n', searches);
    const [aLast, otherLast] = await facts();
    expect(aLast).toEqual(aAfter);
    expect(otherLast).not.toEqual(other);
  });

  it('events: into the partitions of their months, with constants, attributes and made ids', async () => {
    const mapping: ImportMapping = {
      kind: 'events',
      columns: {
        'customer.externalId': 'who',
        'event.occurredAt': 'at',
        'product.externalId': 'sku',
        'event.attributes.device': 'device',
      },
      constants: { 'event.type': 'browse' },
    };
    const rows = 'who,at,sku,device\nc1,2024-01-31T23:59:59Z,S1,phone\nc1,2024-02-01,,\nc1,2024-02-01,,\n';
    const report = await load(rows, mapping);
    expect(report).toMatchObject({ customers: { created: 1 }, products: { created: 1 }, events: { created: 3 } });
    const again = await load(rows, mapping);
    expect(again.events).toEqual({ created: 0, updated: 0, unchanged: 3 });
    expect(
      await query(`
        select tableoid::regclass::text as partition, type, product_id, attributes from behavior_event
        order by occurred_at, external_id`),
    ).toEqual([
      { partition: 'behavior_event_2024_01', type: 'BROWSE', product_id: '1', attributes: { device: 'phone' } },
      { partition: 'behavior_event_2024_02', type: 'BROWSE', product_id: null, attributes: {} },
      { partition: 'behavior_event_2024_02', type: 'BROWSE', product_id: null, attributes: {} },
    ]);
  });
});
