import type { DataSource } from 'typeorm';
import type { z } from 'zod';
import { overfullCustomers, tooManyAttributes } from '../merge/attribute-limits.js';
import { customersOf, markFactsChanged, refreshFacts } from '../customer-facts.js';
import { eventKeyOf, type EventRow, keyOfRow } from './event-keys.js';
import { inBatchTransaction, IngestionSession, patienceOfBatches } from '../ingestion-session.js';
import { lockKeys } from '../key-locks.js';
import { customerMerge, personalDataMerge } from '../merge/customers.js';
import { eventMerge, eventPartitions } from '../merge/events.js';
import { buyersOf, productMerge } from '../merge/products.js';
import { mergeBatch } from '../merge/run-merge.js';
import { type Change, UpsertBatch } from './upsert-batch.js';
import {
  type CustomerInput,
  customerSchema,
  type EventInput,
  eventSchema,
  type ProductInput,
  productSchema,
} from './upsert.schemas.js';
import type { ItemResult } from './upsert.types.js';

type Merged = Change & { readonly id: string };

/**
 * Creates or updates customers.
 * @throws ClvError BAD_USER_INPUT for more than 1,000 items
 */
export async function upsertCustomers(
  dataSource: DataSource,
  items: readonly CustomerInput[],
  source: string,
): Promise<ItemResult[]> {
  const batch = await UpsertBatch.of(items, customerSchema);
  if (batch.items.length === 0) return batch.results([]);
  const { rows, refused } = await inBatchTransaction(dataSource, async (session) => {
    await lockKeys(session, source, { customers: batch.ids });
    const overfull = await overfullCustomers(session, givenCustomers, [source, customerRecords(batch.items)]);
    const refused = new Map(overfull.map(({ external_id, size }) => [external_id, tooManyAttributes(size)]));
    const taken = batch.items.filter(({ externalId }) => !refused.has(externalId));
    const [customers, personal] = [customerRecords(taken), personalRecords(taken)];
    const rows = [
      ...(await mergeBatch<Merged>(session, customerMerge(givenCustomers), [source, customers])),
      ...(await mergeBatch<Merged>(session, personalDataMerge(givenPersonalData), [source, personal])),
    ];
    return { rows, refused };
  });
  return batch.results(rows, refused);
}

type Customers = readonly z.output<typeof customerSchema>[];

const customerRecords = (items: Customers): string =>
  JSON.stringify(
    items.map(({ externalId, country, attributes }) => ({ external_id: externalId, country, attributes })),
  );

const personalRecords = (items: Customers): string =>
  JSON.stringify(
    items.flatMap(({ externalId, personalData }) =>
      personalData ? [{ external_id: externalId, ...personalData }] : [],
    ),
  );

/**
 * Creates or updates products. If a product's name, category, caption or `merchandise` changes, the facts about its buyers change, too.
 * @throws ClvError BAD_USER_INPUT for more than 1,000 items
 */
export async function upsertProducts(
  dataSource: DataSource,
  items: readonly ProductInput[],
  source: string,
): Promise<ItemResult[]> {
  const batch = await UpsertBatch.of(items, productSchema);
  if (batch.items.length === 0) return batch.results([]);
  const products = JSON.stringify(
    batch.items.map(({ externalId, pictureCaption, ...rest }) => ({
      external_id: externalId,
      picture_caption: pictureCaption,
      ...rest,
    })),
  );
  const rows = await inBatchTransaction(dataSource, async (session) => {
    await lockKeys(session, source, { products: batch.ids });
    const changed = await mergeBatch<Merged & { affects_buyers: boolean }>(session, productMerge(givenProducts), [
      source,
      products,
    ]);
    const affecting = changed.filter((product) => product.affects_buyers).map(({ id }) => id);
    if (affecting.length > 0) {
      const buyers = await session.query<{ customer_id: string }>(buyersOf('select unnest($1::bigint[])'), [affecting]);
      await refreshFacts(
        session,
        buyers.map((buyer) => buyer.customer_id),
      );
    }
    return changed;
  });
  return batch.results(rows);
}

/**
 * Records events; customers and products that are unknown are created.
 * @throws ClvError BAD_USER_INPUT for more than 1,000 items
 */
export async function recordEvents(
  dataSource: DataSource,
  items: readonly EventInput[],
  source: string,
): Promise<ItemResult[]> {
  const batch = await UpsertBatch.of(items, eventSchema, eventKeyOf);
  if (batch.items.length === 0) return batch.results([]);
  const events = batch.items;
  const { changed, refused } = await IngestionSession.use(dataSource, undefined, async (session) => {
    await session.query(eventPartitions('select unnest($1::timestamptz[])'), [events.map((e) => e.occurredAt)]);
    return session.transaction(async () => {
      await lockKeys(session, source, { ...othersOf(events), events: batch.ids });
      await session.query('savepoint before_events');
      const refused = new Map<string, string>();
      for (;;) {
        const taken = events.filter((event) => !refused.has(eventKeyOf(event)));
        const changed = await mergeEvents(session, source, taken);
        const before = refused.size;
        for (const row of changed) {
          if (row.overfull !== null) refused.set(keyOfRow(row), tooManyAttributes(row.overfull));
        }
        if (refused.size === before) {
          await markFactsChanged(session, customersOf(changed));
          return { changed, refused };
        }
        // With the customers and products that only refused events name. Until the next merge, a load may add to the others.
        await session.query('rollback to savepoint before_events');
      }
    }, patienceOfBatches);
  });
  return batch.results(
    changed.map((row) => ({ ...row, external_id: keyOfRow(row) })),
    refused,
  );
}

type Events = readonly z.output<typeof eventSchema>[];

const othersOf = (items: Events) => ({
  customers: items.map(({ customerExternalId }) => customerExternalId),
  products: items.map(({ productExternalId }) => productExternalId),
});

async function mergeEvents(session: IngestionSession, source: string, items: Events): Promise<EventChange[]> {
  await createMissing(session, source, othersOf(items));
  const events = items.map((event) => ({
    external_id: event.externalId,
    customer: event.customerExternalId,
    product: event.productExternalId,
    type: event.type,
    occurred_at: event.occurredAt,
    text: event.text,
    attributes: event.attributes,
  }));
  return mergeBatch<EventChange>(session, eventMerge(givenEvents), [source, JSON.stringify(events)]);
}

interface EventChange extends EventRow, Merged {
  readonly customer_id: string;
  readonly previous_customer_id: string | null;
  /** The size of the event's attributes, if they are too many. */
  readonly overfull: string | null;
}

const givenCustomers = `
  select * from jsonb_to_recordset($2::jsonb) as given (external_id text, country text, attributes jsonb)`;
const givenPersonalData = `
  select * from jsonb_to_recordset($2::jsonb) as given (external_id text, name text, email text, phone text)`;
const givenProducts = `
  select * from jsonb_to_recordset($2::jsonb) as given
    (external_id text, name text, description text, category text, picture_caption text, price numeric,
      merchandise boolean)`;
const givenEvents = `
  select * from jsonb_to_recordset($2::jsonb) as given (
    external_id text, customer text, product text, type text, occurred_at timestamptz, text text, attributes jsonb)`;

/** Creates customers and products of which only the ids are known. */
export async function createMissing(
  session: IngestionSession,
  source: string,
  ids: Record<'customers' | 'products', readonly (string | null | undefined)[]>,
): Promise<void> {
  const records = (list: readonly (string | null | undefined)[]) => {
    const distinct = new Set(list.filter((id) => typeof id === 'string'));
    return JSON.stringify([...distinct].map((external_id) => ({ external_id })));
  };
  await mergeBatch(session, customerMerge(givenCustomers), [source, records(ids.customers)]);
  await mergeBatch(session, productMerge(givenProducts), [source, records(ids.products)]);
}
