import { describe, expect, it } from 'vitest';
import type { EventInput } from '../../../../src/services/ingestion/live/upsert.schemas.js';
import { maximumBatchSize } from '../../../../src/services/ingestion/live/upsert.types.js';
import { upsertCustomers } from '../../../../src/services/ingestion/live/upserts.js';
import { useRecords } from '../../../support/records.js';

const database = useRecords();
const { query, customers, products, orders, events } = database;
const statuses = (results: { status: string }[]) => results.map(({ status }) => status);

describe('upsertCustomers', () => {
  it('creates, updates, leaves; null clears, absence leaves; personal data stays apart', async () => {
    const first = await customers(
      {
        externalId: '9223372036854775807',
        country: 'Chile',
        attributes: { a: 1, b: { c: [null, 'x'], n: null }, gone: null },
      },
      { externalId: 'c2', country: 'Peru', personalData: { name: 'Ada', email: 'ada@x.org' } },
      { externalId: 'c3' },
    );
    expect(statuses(first)).toEqual(['CREATED', 'CREATED', 'CREATED']);
    const second = await customers(
      { externalId: '9223372036854775807', attributes: { a: null, d: true } },
      { externalId: 'c2', country: null, personalData: { email: null } },
      { externalId: 'c3', country: null, personalData: { name: null } },
    );
    expect(statuses(second)).toEqual(['UPDATED', 'UPDATED', 'UNCHANGED']);
    expect(await query('select external_id, country, attributes from customer order by id')).toEqual([
      { external_id: '9223372036854775807', country: 'Chile', attributes: { b: { c: [null, 'x'], n: null }, d: true } },
      { external_id: 'c2', country: null, attributes: {} },
      { external_id: 'c3', country: null, attributes: {} },
    ]);
    expect(await query('select name, email from customer_personal_data')).toEqual([{ name: 'Ada', email: null }]);
  });

  it('attributes beyond what a customer may have are rejected, with all of their item', async () => {
    const named = (from: number, value: unknown) =>
      Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`a${from + i}`, value]));
    const upsert = (externalId: string, attributes: Record<string, unknown>, name = 'Ada') =>
      customers(
        { externalId, attributes, personalData: { name } },
        { externalId: 'other', attributes: { seen: Math.random() } },
      );
    await upsert('many', named(0, 1));
    expect(statuses(await upsert('many', named(500, 1)))).toEqual(['UPDATED', 'UPDATED']);
    expect(await upsert('many', { one: 'more' }, 'Bob')).toMatchObject([
      {
        status: 'REJECTED',
        reason:
          'attributes: would be 1,001 of 19,916 bytes, together with those that are stored; at most 1,000 of 65,536 bytes are kept. Remove some first, by null',
      },
      { status: 'UPDATED' },
    ]);
    expect(await query('select name from customer_personal_data order by name')).toEqual([{ name: 'Ada' }]);
    expect(statuses(await upsert('many', { a1: null, one: 'more' }))).toEqual(['UPDATED', 'UPDATED']);
    const long = (key: string) => ({ [key]: 'x'.repeat(19_900) });
    for (const key of ['a', 'b', 'c']) await upsert('long', long(key));
    expect(statuses(await upsert('long', long('d')))).toEqual(['REJECTED', 'UPDATED']);
    expect(statuses(await upsert('long', long('a')))).toEqual(['UNCHANGED', 'UPDATED']);
    expect(statuses(await upsert('new', { ...named(0, 1), ...named(500, 1), x: 1 }))).toEqual(['REJECTED', 'UPDATED']);
    expect(await query(`select external_id from customer where external_id = 'new'`)).toEqual([]);
  });

  it('what no index or column takes is rejected by itself', async () => {
    const items = [
      { externalId: 'p1', category: 'x'.repeat(501) },
      { externalId: 'p2', price: `1.${'0'.repeat(20_000)}` },
      { externalId: 'p3', category: null },
    ];
    expect(await products(...items)).toMatchObject([
      { status: 'REJECTED', reason: 'category: is longer than 500 characters' },
      { status: 'REJECTED', reason: 'price: is too long' },
      { status: 'CREATED' },
    ]);
  });

  it('names and addresses longer than anybody’s are rejected by themselves', async () => {
    const long = 'x'.repeat(1_001);
    const items = [{ name: long }, { email: long }, { phone: 'x'.repeat(1_000) }].map((personalData, i) => ({
      externalId: `long${i}`,
      personalData,
    }));
    expect(await customers(...items)).toMatchObject([
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
      await customers(
        { externalId: 'a', attributes: { a: nested(99) } },
        { externalId: 'b', attributes: { a: nested(100) } },
        { externalId: 'c', attributes: { a: endless } },
      ),
    ).toMatchObject([{ status: 'CREATED' }, { status: 'REJECTED', reason }, { status: 'REJECTED', reason }]);
  });

  it('keeps an attribute whatever its name, and removes it', async () => {
    const upsert = async (json: string) => {
      const attributes = JSON.parse(json) as Record<string, unknown>;
      const [result] = await customers({ externalId: 'a', attributes });
      const [row] = await query<{ kept: string }>('select attributes::text as kept from customer');
      return [result!.status, row!.kept];
    };
    const given = '{"__proto__": {"a": 1}, "constructor": "b"}';
    expect(await upsert(given)).toEqual(['CREATED', given]);
    expect(await upsert('{"__proto__": null}')).toEqual(['UPDATED', '{"constructor": "b"}']);
  });

  it('keeps sources apart', async () => {
    await upsertCustomers(database.dataSource, [{ externalId: '1' }], 'shopify');
    expect(statuses(await customers({ externalId: '1' }))).toEqual(['CREATED']);
  });

  it('rejects bad items with their reasons and takes the others', async () => {
    const items = [
      { externalId: ' ' },
      { externalId: 'ok' },
      { externalId: 'ok', country: 'x' },
      { externalId: 'nul', country: 'a\0b' },
      { externalId: 'half', attributes: { deep: ['\ud83d'] } },
      { externalId: 'large', attributes: JSON.parse('{ "deep": [1e400] }') as Record<string, unknown> },
    ];
    const results = await customers(...items);
    expect(results).toEqual([
      { index: 0, externalId: ' ', status: 'REJECTED', reason: 'externalId: is empty' },
      { index: 1, externalId: 'ok', status: 'CREATED' },
      { index: 2, externalId: 'ok', status: 'REJECTED', reason: 'is in this batch already, as item 1' },
      { index: 3, externalId: 'nul', status: 'REJECTED', reason: expect.stringContaining('country: holds a NUL') },
      { index: 4, externalId: 'half', status: 'REJECTED', reason: expect.stringContaining('attributes: holds a NUL') },
      {
        index: 5,
        externalId: 'large',
        status: 'REJECTED',
        reason: expect.stringContaining('a number that is too large'),
      },
    ]);
  });

  it('refuses a batch that is too large, whole', async () => {
    const items = Array.from({ length: maximumBatchSize + 1 }, (_, i) => ({ externalId: String(i) }));
    await expect(customers(...items)).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: expect.stringContaining('1001'),
    });
    expect(statuses(await customers(...items.slice(1)))).toEqual(
      Array.from({ length: maximumBatchSize }, () => 'CREATED'),
    );
  });

  it('ignores null attributes and makes predictions stale only where something changed', async () => {
    await customers({ externalId: 'a', country: 'X' }, { externalId: 'b' });
    const facts = () => query<{ at: string }>('select facts_changed_at::text as at from customer order by id');
    const [a, b] = await facts();
    await customers({ externalId: 'a', country: 'Y' }, { externalId: 'b', attributes: null });
    const [aAfter, bAfter] = await facts();
    expect(aAfter!.at > a!.at).toBe(true);
    expect(bAfter).toEqual(b);
    // What customers said is read without their names.
    await customers({ externalId: 'b', personalData: { name: 'Bea' } });
    const [aLast, bLast] = await facts();
    expect(aLast).toEqual(aAfter);
    expect(bLast!.at > b!.at).toBe(true);
  });

  it('says when personal data changed, and not when orders came', async () => {
    const updatedAt = async () => (await query<{ at: Date }>('select updated_at as at from customer'))[0]!.at.getTime();
    const name = (text: string) => customers({ externalId: 'a', personalData: { name: text } });
    await name('Ada');
    const created = await updatedAt();
    await orders({ externalId: 'o', customerExternalId: 'a', placedAt: '2024-05-01', total: 5 });
    await name('Ada');
    expect(await updatedAt()).toBe(created);
    await name('Ada Lovelace');
    expect(await updatedAt()).toBeGreaterThan(created);
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
    const results = await products(
      { externalId: 'mug', name: 'Mug', category: 'Kitchen', price: '5.00' },
      { externalId: 'voucher', merchandise: false },
      { externalId: 'new', price: 'a lot' },
    );
    expect(results.map(({ status, reason }) => reason ?? status)).toEqual([
      'UPDATED',
      'UPDATED',
      expect.stringContaining('price'),
    ]);
    expect(await query('select net from purchase_day')).toEqual([{ net: '5.0000' }]);
    expect(statuses(await products({ externalId: 'mug', price: 5 }))).toEqual(['UNCHANGED']);
  });

  it('makes what was known of its buyers stale when its name, its category or the caption of its picture changes', async () => {
    for (const product of ['mug', 'jug']) {
      const lines = [{ productExternalId: product, quantity: 1, unitPrice: 5 }];
      await orders({ externalId: product, customerExternalId: product, placedAt: '2024-05-01', lines });
    }
    const facts = () =>
      query<{ facts: string }>('select facts_changed_at::text as facts from customer order by external_id');
    const [jug, mug] = await facts();
    const caption = (pictureCaption: string | null) => products({ externalId: 'mug', pictureCaption });
    expect(statuses(await caption('a red mug'))).toEqual(['UPDATED']);
    const [jugThen, mugThen] = await facts();
    expect(jugThen).toEqual(jug);
    expect(mugThen).not.toEqual(mug);
    expect(statuses(await caption('a red mug'))).toEqual(['UNCHANGED']);
    expect(statuses(await products({ externalId: 'mug', price: 5, description: 'Holds tea' }))).toEqual(['UPDATED']);
    expect((await facts())[1]).toEqual(mugThen);
    for (const change of [{ name: 'Mug' }, { category: 'Kitchen' }]) {
      const before = await facts();
      expect(statuses(await products({ externalId: 'mug', ...change }))).toEqual(['UPDATED']);
      expect((await facts())[1]).not.toEqual(before[1]);
    }
    expect(await query(`select picture_caption from product where external_id = 'mug'`)).toEqual([
      { picture_caption: 'a red mug' },
    ]);
    expect(statuses(await caption(null))).toEqual(['UPDATED']);
    expect(await query(`select picture_caption from product where external_id = 'mug'`)).toEqual([
      { picture_caption: null },
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
    const results = await events(event, bad, { ...event, occurredAt: '2024-03-02' }, event);
    expect(results).toEqual([
      { index: 0, externalId: 'e1', status: 'CREATED' },
      { index: 1, externalId: 'e2', status: 'REJECTED', reason: expect.stringContaining('type: ') },
      { index: 2, externalId: 'e1', status: 'CREATED' },
      { index: 3, externalId: 'e1', status: 'REJECTED', reason: 'is in this batch already, as item 0' },
    ]);
    expect(statuses(await events(event))).toEqual(['UNCHANGED']);
    const changes = { text: null, attributes: { stars: { a: null }, more: null } };
    expect(statuses(await events({ ...event, ...changes }))).toEqual(['UPDATED']);
    expect(statuses(await events({ ...event, ...changes }))).toEqual(['UNCHANGED']);
    expect(
      await query('select tableoid::regclass::text as partition, text, attributes from behavior_event order by 1, 2'),
    ).toEqual([
      { partition: 'behavior_event_2024_03', text: 'lovely', attributes: { stars: 5 } },
      { partition: 'behavior_event_2024_03', text: null, attributes: { stars: { a: null } } },
    ]);
  });

  it('keeps the product and the words of an event that is sent again without them', async () => {
    const event: EventInput = { externalId: 'e', customerExternalId: 'c', type: 'CART', occurredAt: '2024-02-01' };
    const record = async (more: Partial<EventInput>) => statuses(await events({ ...event, ...more }));
    await record({ productExternalId: 'o' });
    expect(await record({ productExternalId: 'p' })).toEqual(['UPDATED']);
    expect(await record({ text: 'x' })).toEqual(['UPDATED']);
    expect(await record({ customerExternalId: 'd', type: 'CLICK' })).toEqual(['UPDATED']);
    expect(
      await query(
        `select e.type, e.text, p.external_id as product, c.external_id as customer from behavior_event e
         join product p on p.id = product_id join customer c on c.id = customer_id`,
      ),
    ).toEqual([{ type: 'CLICK', text: 'x', product: 'p', customer: 'd' }]);
  });

  it('attributes beyond what an event may have are rejected, with all of their item', async () => {
    const named = (from: number, count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`a${from + i}`, 1]));
    const event = (externalId: string, more: Partial<EventInput>): EventInput => {
      return { externalId, customerExternalId: 'c', type: 'CLICK', occurredAt: '2024-02-01T10:00:00Z', ...more };
    };
    const record = (externalId: string, more: Partial<EventInput>) =>
      events(event(externalId, more), event('other', { text: String(Math.random()) }));
    await record('many', { attributes: named(0, 500) });
    expect(statuses(await record('many', { attributes: named(500, 500) }))).toEqual(['UPDATED', 'UPDATED']);
    const reason =
      'attributes: would be 1,001 of 19,916 bytes, together with those that are stored; at most 1,000 of 65,536 bytes are kept. Remove some first, by null';
    const beyond = { attributes: { one: 'more' }, text: 'new', customerExternalId: 'd', productExternalId: 'p' };
    expect(await record('many', beyond)).toMatchObject([{ status: 'REJECTED', reason }, { status: 'UPDATED' }]);
    expect(await record('new', { ...beyond, attributes: named(0, 1_001) })).toMatchObject([
      { status: 'REJECTED' },
      { status: 'UPDATED' },
    ]);
    expect(await query(`select external_id from customer union all select external_id from product`)).toEqual([
      { external_id: 'c' },
    ]);
    expect(await query(`select text from behavior_event where external_id <> 'other'`)).toEqual([{ text: null }]);
    expect(statuses(await record('many', { text: 'more' }))).toEqual(['UPDATED', 'UPDATED']);
    expect(statuses(await record('many', { attributes: { a1: null, one: 'more' } }))).toEqual(['UPDATED', 'UPDATED']);
    const long = (key: string) => ({ attributes: { [key]: 'x'.repeat(19_900) } });
    for (const key of ['a', 'b', 'c']) await record('long', long(key));
    expect(statuses(await record('long', long('d')))).toEqual(['REJECTED', 'UPDATED']);
    expect(statuses(await record('long', long('a')))).toEqual(['UNCHANGED', 'UPDATED']);
  });

  it('takes events of one id at two instants for two', async () => {
    const at = (occurredAt: string): EventInput => ({
      externalId: 'e',
      customerExternalId: 'c',
      type: 'CART',
      occurredAt,
    });
    const record = async (...items: EventInput[]) => statuses(await events(...items));
    expect(await record(at('2024-02-01'))).toEqual(['CREATED']);
    expect(await record(at('2024-02-01'), at('2024-02-02'))).toEqual(['UNCHANGED', 'CREATED']);
  });

  it('makes predictions stale only where an event is new or changed', async () => {
    const event: EventInput = { externalId: 'e', customerExternalId: 'c', type: 'SEARCH', occurredAt: '2024-02-01' };
    const facts = () => query('select facts_changed_at::text as at from customer');
    const after = async (text: string) => {
      await events({ ...event, text });
      return facts();
    };
    await customers({ externalId: 'c' });
    const known = await facts();
    const recorded = await after('mug');
    expect(recorded).not.toEqual(known);
    expect(await after('mug')).toEqual(recorded);
    expect(await after('jug')).not.toEqual(recorded);
  });

  it('makes predictions stale of both customers where an event goes from one to the other', async () => {
    const event = { externalId: 'e', type: 'SEARCH', occurredAt: '2024-02-01' } as const;
    const facts = () => query('select facts_changed_at::text as at from customer order by external_id');
    await events({ ...event, customerExternalId: 'c' }, { ...event, externalId: 'f', customerExternalId: 'd' });
    const [c, d] = await facts();
    await events({ ...event, customerExternalId: 'd' });
    const [cThen, dThen] = await facts();
    expect(cThen).not.toEqual(c);
    expect(dThen).not.toEqual(d);
  });
});
