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
    const taken = batch.items.filter(({ externalId }) => !overfull.includes(externalId));
    const [customers, personal] = [customerRecords(taken), personalRecords(taken)];
    const rows = [
      ...(await mergeBatch<Merged>(session, customerMerge(givenCustomers), [source, customers])),
      ...(await mergeBatch<Merged>(session, personalDataMerge(givenPersonalData), [source, personal])),
    ];
    return { rows, refused: new Map(overfull.map((id) => [id, tooManyAttributes])) };
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
  const events = batch.items.map((event) => ({
    external_id: event.externalId,
    customer: event.customerExternalId,
    product: event.productExternalId,
    type: event.type,
    occurred_at: event.occurredAt,
    text: event.text,
    attributes: event.attributes,
  }));
  const rows = await IngestionSession.use(dataSource, undefined, async (session) => {
    await session.query(eventPartitions('select unnest($1::timestamptz[])'), [events.map((e) => e.occurred_at)]);
    return session.transaction(async () => {
      const others = {
        customers: events.map(({ customer }) => customer),
        products: events.map(({ product }) => product),
      };
      await lockKeys(session, source, { ...others, events: batch.ids });
      await createMissing(session, source, others);
      const changed = await session.query<EventChange>(
        `${eventMerge(givenEvents)}
         select external_id, occurred_at, created, customer_id, previous_customer_id from changed`,
        [source, JSON.stringify(events)],
      );
      await markFactsChanged(session, customersOf(changed));
      return changed;
    }, patienceOfBatches);
  });
  return batch.results(rows.map((row) => ({ ...row, external_id: keyOfRow(row) })));
}

interface EventChange extends EventRow, Change {
  readonly customer_id: string;
  readonly previous_customer_id: string | null;
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
