import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { findStaleCustomers } from '../../../src/ml/features/purchase-days.js';
import type { ImportMapping } from '../../../src/services/ingestion/import.types.js';
import { upsertOrders } from '../../../src/services/ingestion/upsert-orders.js';
import { upsertCustomers, upsertProducts } from '../../../src/services/ingestion/upserts.js';
import { useImports } from './imports.js';

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
const orders: ImportMapping = {
  kind: 'orders',
  columns: {
    'order.externalId': 'id',
    'order.placedAt': 'date',
    'order.total': 'total',
    'customer.externalId': 'customer',
  },
};
const order = (externalId: string, customerExternalId: string) => ({
  externalId,
  customerExternalId,
  placedAt: '2026-01-01',
  lines: [{ productExternalId: 'p', quantity: 1, unitPrice: '5' }],
});
/** Enough for a batch to come as far as to what the file has written. */
const aWhile = 500;

const imports = useImports();
const source = { source: 'shop', currency: 'EUR' };

/** Loads a file, and when it has written its records starts a batch, which waits for it. */
async function loadBeside(content: string, mapping: ImportMapping, batch: () => Promise<unknown>): Promise<void> {
  let started: Promise<unknown> | undefined;
  await imports.load(content, mapping, {
    progress: {
      report: async (phase) => {
        if (phase !== 'computing purchase days') return;
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

it('keeps what a file says of new customers and products that a batch of orders names meanwhile', async () => {
  const { dataSource } = imports.database;
  await upsertOrders(dataSource, [order('o1', 'known')], source);
  const orderOfNew = { ...order('o2', 'new'), lines: [{ productExternalId: 'new', quantity: 1, unitPrice: '5' }] };
  await loadBeside('id,country,email,vip\nnew,FR,b@x.example,yes', customers, () =>
    upsertOrders(dataSource, [order('o2', 'new')], source),
  );
  await loadBeside('id,name,category\nnew,Lamp,Light', products, () => upsertOrders(dataSource, [orderOfNew], source));
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

it('counts an order for its customer alone where a batch has moved it before the file does', async () => {
  const { dataSource } = imports.database;
  // So many that the file does not bring the days of all customers up to date.
  await upsertOrders(
    dataSource,
    ['1', '2', '3', '4', '5', '6'].map((n) => order(`o${n}`, `c${n}`)),
    source,
  );
  const holding = dataSource.createQueryRunner();
  await holding.startTransaction();
  // The batch has written the order when it comes to this customer's days.
  await holding.query(`select from customer where external_id = 'c2' for no key update`);
  let batch: Promise<unknown> | undefined;
  await imports.load('id,date,total,customer\no1,2026-01-01,5,c3', orders, {
    progress: {
      report: async (phase) => {
        if (phase !== 'merging orders') return;
        batch = upsertOrders(dataSource, [order('o1', 'c2')], source);
        await setTimeout(aWhile);
        void setTimeout(aWhile).then(() => holding.commitTransaction());
      },
    },
  });
  await batch;
  await holding.release();
  expect(await findStaleCustomers(dataSource, '0', '9223372036854775807')).toEqual([]);
  expect(
    await imports.query(
      `select c.external_id, net::integer from purchase_day join customer c on c.id = customer_id
       where c.external_id <= 'c3' order by external_id`,
    ),
  ).toEqual([
    { external_id: 'c2', net: 5 },
    { external_id: 'c3', net: 10 },
  ]);
});
