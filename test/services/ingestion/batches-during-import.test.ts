import { setTimeout } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { findStaleCustomers } from '../../../src/ml/features/purchase-days.js';
import type { ImportMapping } from '../../../src/services/ingestion/import.types.js';
import { upsertOrders } from '../../../src/services/ingestion/live/upsert-orders.js';
import type { OrderInput } from '../../../src/services/ingestion/live/upsert.schemas.js';
import { recordEvents, upsertCustomers, upsertProducts } from '../../../src/services/ingestion/live/upserts.js';
import { flat, header, orders, useImports } from './imports.js';

const customers: ImportMapping = {
  kind: 'customers',
  columns: {
    'customer.externalId': 'id',
    'customer.country': 'country',
    'customer.email': 'email',
    'customer.attributes.vip': 'vip',
  },
};
const products: ImportMapping = {
  kind: 'products',
  columns: { 'product.externalId': 'id', 'product.name': 'name', 'product.category': 'category' },
};
const line = (productExternalId: string) => ({ productExternalId, quantity: 1, unitPrice: '5' });
const order = (externalId: string, customerExternalId: string) => ({
  externalId,
  customerExternalId,
  placedAt: '2026-01-01',
  lines: [line('p')],
});
/** Enough for a batch to come as far as to what the file has written. */
const aWhile = 500;

const imports = useImports();
const source = 'shop';
const orderOptions = { source, currency: 'EUR' };

/** Loads a file, and when it comes to a phase, by default with its records written, starts a batch, which waits for it. */
async function loadBeside(
  content: string,
  mapping: ImportMapping,
  batch: () => Promise<unknown>,
  begin = 'computing purchase days',
): Promise<void> {
  let started: Promise<unknown> | undefined;
  await imports.load(content, mapping, {
    progress: {
      report: async (phase) => {
        if (phase !== begin) return;
        started = batch();
        await Promise.race([started, setTimeout(aWhile)]);
      },
    },
  });
  await started;
}

const customersNow = () =>
  imports.query(
    `select external_id, country, attributes, email from customer left join customer_personal_data on id = customer_id
     order by external_id`,
  );

it.each(['known', 'new'])(
  'keeps what a file says of a %s customer of whom a batch says more meanwhile',
  async (who) => {
    const { dataSource } = imports.database;
    await imports.load('id,country,email,vip\nknown,DE,a@x.example,no', customers);
    await loadBeside(`id,country,email,vip\n${who},FR,b@x.example,yes`, customers, () =>
      upsertCustomers(
        dataSource,
        [{ externalId: who, attributes: { visits: 3 }, personalData: { name: 'Ann' } }],
        source,
      ),
    );
    expect(await customersNow()).toContainEqual({
      external_id: who,
      country: 'FR',
      attributes: { vip: 'yes', visits: 3 },
      email: 'b@x.example',
    });
  },
);

it('keeps the e-mail that a file says of a customer whose name a batch says meanwhile', async () => {
  const { dataSource } = imports.database;
  await imports.load('id,country,email,vip\nknown,DE,a@x.example,no', customers);
  await loadBeside('id,country,email,vip\nknown,DE,b@x.example,no', customers, () =>
    upsertCustomers(dataSource, [{ externalId: 'known', personalData: { name: 'Ann' } }], source),
  );
  expect(await imports.query('select name, email from customer_personal_data')).toEqual([
    { name: 'Ann', email: 'b@x.example' },
  ]);
});

it('keeps what a file says of new customers and products that a batch of orders names meanwhile', async () => {
  const { dataSource } = imports.database;
  await upsertOrders(dataSource, [order('o1', 'known')], orderOptions);
  const orderOfNew = { ...order('o2', 'new'), lines: [line('new')] };
  await loadBeside('id,country,email,vip\nnew,FR,b@x.example,yes', customers, () =>
    upsertOrders(dataSource, [order('o2', 'new')], orderOptions),
  );
  await loadBeside('id,name,category\nnew,Lamp,Light', products, () =>
    upsertOrders(dataSource, [orderOfNew], orderOptions),
  );
  expect(await customersNow()).toContainEqual({
    external_id: 'new',
    country: 'FR',
    attributes: { vip: 'yes' },
    email: 'b@x.example',
  });
  expect(await imports.query(`select name, category from product where external_id = 'new'`)).toEqual([
    { name: 'Lamp', category: 'Light' },
  ]);
});

it('keeps what a file says of a product of which a batch says more meanwhile', async () => {
  const { dataSource } = imports.database;
  await imports.load('id,name,category\np,Lamp,', products);
  await loadBeside('id,name,category\np,Lamp,Light', products, () =>
    upsertProducts(dataSource, [{ externalId: 'p', description: 'Of brass' }], source),
  );
  expect(await imports.query('select name, category, description from product')).toEqual([
    { name: 'Lamp', category: 'Light', description: 'Of brass' },
  ]);
});

describe('an event of which a file and a batch say something at once', () => {
  const occurredAt = '2026-03-01T08:15:00Z';
  const named = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}${i}`);
  const record = (externalId: string, attributes: string[], text?: string) =>
    recordEvents(
      imports.database.dataSource,
      [
        {
          externalId,
          customerExternalId: 'c',
          type: 'CLICK',
          occurredAt,
          attributes: Object.fromEntries(attributes.map((name) => [name, 'batch'])),
          ...(text !== undefined && { text }),
        },
      ],
      source,
    );
  const file = (attributes: string[], rows: string[] = ['e']): [string, ImportMapping] => {
    const values = attributes.map(() => 'file').join();
    const columns = {
      'event.externalId': 'id',
      'customer.externalId': 'customer',
      'event.type': 'type',
      'event.occurredAt': 'at',
      ...Object.fromEntries(attributes.map((name) => [`event.attributes.${name}`, name])),
    };
    const lines = rows.map((id) => `${id},c,CLICK,${occurredAt},${values}`);
    return [[`id,customer,type,at,${attributes.join()}`, ...lines].join('\n'), { kind: 'events', columns }];
  };
  const eventsNow = () =>
    imports.query('select external_id, text, attributes from behavior_event order by external_id');

  it.each(['known', 'new'])('keeps what the file says of a %s one', async (which) => {
    await record('known', ['before']);
    await loadBeside(...file(['a'], [which]), () => record(which, ['b'], 'said'));
    expect(await eventsNow()).toContainEqual({
      external_id: which,
      text: 'said',
      attributes: { ...(which === 'known' && { before: 'batch' }), a: 'file', b: 'batch' },
    });
  });

  it('keeps what the batch says where the file comes second', async () => {
    await record('e', ['before'], 'said');
    await record('f', ['before']);
    const runner = imports.database.dataSource.createQueryRunner();
    await runner.startTransaction();
    // As a batch that is about to commit.
    await runner.query(`update behavior_event set attributes = attributes || '{"b": "batch"}' where external_id = 'e'`);
    const loaded = imports.load(...file(['a'], ['e', 'f', 'g']));
    await setTimeout(aWhile);
    await runner.commitTransaction();
    await runner.release();
    expect(await loaded).toMatchObject({ events: { created: 1, updated: 2 } });
    expect(await eventsNow()).toEqual([
      { external_id: 'e', text: 'said', attributes: { before: 'batch', a: 'file', b: 'batch' } },
      { external_id: 'f', text: null, attributes: { before: 'batch', a: 'file' } },
      { external_id: 'g', text: null, attributes: { a: 'file' } },
    ]);
  });

  it('has no more attributes than are kept', async () => {
    await record('other', []);
    let recorded: Promise<unknown> | undefined;
    await loadBeside(...file(named('a', 600)), () => (recorded = record('e', named('b', 600))));
    expect(await recorded).toMatchObject([
      { status: 'REJECTED', reason: expect.stringContaining('would be 1,200 of') },
    ]);
    expect(
      await imports.query(
        `select value, count(*)::integer as n from behavior_event, jsonb_each_text(attributes) group by value`,
      ),
    ).toEqual([{ value: 'file', n: 600 }]);
  });
});

/** Rows that a transaction of its own holds until `release`, so that whoever comes to them waits. */
async function holding(rows: string) {
  const runner = imports.database.dataSource.createQueryRunner();
  await runner.startTransaction();
  await runner.query(`select from ${rows} for no key update`);
  const release = async () => {
    await runner.commitTransaction();
    await runner.release();
  };
  return { release, releaseAfter: (time: number) => void setTimeout(time).then(release) };
}

describe('purchase days are what orders make', () => {
  const staleCustomers = () => findStaleCustomers(imports.database.dataSource, '0', '9223372036854775807');
  const upsert = (...items: OrderInput[]) => upsertOrders(imports.database.dataSource, items, orderOptions);

  // So many that a file does not bring the days of all customers up to date.
  beforeEach(() => upsert(...['1', '2', '3', '4', '5', '6'].map((n) => order(`o${n}`, `c${n}`))));

  it('where a batch has given an order to another customer before the file does', async () => {
    // The batch has written the order when it comes to this customer's days.
    const held = await holding(`customer where external_id = 'c2'`);
    const batch = () => {
      held.releaseAfter(2 * aWhile);
      return upsert(order('o1', 'c2'));
    };
    await loadBeside('id,date,total,customer\no1,2026-01-01,5,c3', orders, batch, 'merging orders');
    expect(await staleCustomers()).toEqual([]);
    const buyer = `select c.external_id from customer_order o join customer c on c.id = customer_id where o.external_id = 'o1'`;
    expect(await imports.query(buyer)).toEqual([{ external_id: 'c3' }]);
  });

  it('where a batch gives an order to another customer while the file changes its lines', async () => {
    // Copies, of which one counts: the file leaves total and pieces as they are.
    await upsert({ ...order('o1', 'c1'), lines: [line('p'), line('p')] });
    const held = await holding(`customer where external_id = 'c2'`);
    const batch = () => {
      held.releaseAfter(3 * aWhile);
      return upsert({ externalId: 'o1', customerExternalId: 'c2', placedAt: '2026-01-01' });
    };
    const lines = ['o1,2026-01-01,,,p,,1,5', 'o1,2026-01-01,,,q,,1,5'];
    await loadBeside([header, ...lines].join('\n'), flat, batch, 'merging order lines');
    expect(await staleCustomers()).toEqual([]);
  });

  it('where a batch changes the lines of an order while the file gives it to another customer', async () => {
    await upsert({ ...order('o1', 'c1'), lines: [line('p'), line('p')] });
    // The file waits to bring this customer's days up to date; then the batch does, which has changed the lines.
    const held = await holding(`customer where external_id = 'c1'`);
    const batch = async () => {
      held.releaseAfter(3 * aWhile);
      await setTimeout(2 * aWhile);
      await upsert({ externalId: 'o1', placedAt: '2026-01-01', lines: [line('p'), line('q')] });
    };
    await loadBeside('id,date,total,customer\no1,2026-01-01,10,c2', orders, batch);
    expect(await staleCustomers()).toEqual([]);
  });

  it('where a batch brings lines of a product while the file says that it is no merchandise', async () => {
    const columns = { 'product.externalId': 'id', 'product.merchandise': 'goods' };
    await imports.load('id,goods\nq,yes', { kind: 'products', columns });
    // The batch has computed the days when it comes to the summary.
    const held = await holding(
      `customer_summary where customer_id = (select id from customer where external_id = 'c1')`,
    );
    let batch: Promise<unknown> | undefined;
    await imports.load(
      'id,goods\nq,no',
      { kind: 'products', columns },
      {
        progress: {
          report: async (phase) => {
            if (phase !== 'computing purchase days') return;
            batch = upsert({ ...order('o7', 'c1'), lines: [line('q')] });
            await setTimeout(aWhile);
          },
        },
      },
    );
    await held.release();
    await batch;
    expect(await staleCustomers()).toEqual([]);
  });

  it('where a file brings lines of a product while a batch says that it is no merchandise', async () => {
    const { dataSource } = imports.database;
    await upsertProducts(dataSource, [{ externalId: 'q' }], source);
    // The batch has changed the product, and looked for its buyers, when it comes to those of another one.
    const held = await holding(
      `customer_summary where customer_id = (select id from customer where external_id = 'c2')`,
    );
    const batch = upsertProducts(
      dataSource,
      [
        { externalId: 'p', merchandise: false },
        { externalId: 'q', merchandise: false },
      ],
      source,
    );
    await setTimeout(aWhile);
    held.releaseAfter(2 * aWhile);
    await imports.load(`${header}\no7,2026-01-01,c7,,q,,1,5`, flat);
    await batch;
    expect(await staleCustomers()).toEqual([]);
  });
});
