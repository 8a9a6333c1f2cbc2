import type { DataSource } from 'typeorm';
import { upsertOrders } from '../../src/services/ingestion/live/upsert-orders.js';
import type {
  CustomerInput,
  EventInput,
  OrderInput,
  ProductInput,
} from '../../src/services/ingestion/live/upsert.schemas.js';
import { recordEvents, upsertCustomers, upsertProducts } from '../../src/services/ingestion/live/upserts.js';
import { useEmptiedDatabase } from './database.js';

/** A database without records at the beginning of each test, and records of the source `default` put into it. */
export function useRecords() {
  const database = useEmptiedDatabase();
  const source = 'default';
  return {
    get dataSource(): DataSource {
      return database.dataSource;
    },
    query: <Row>(sql: string) => database.dataSource.query<Row[]>(sql),
    customers: (...items: CustomerInput[]) => upsertCustomers(database.dataSource, items, source),
    products: (...items: ProductInput[]) => upsertProducts(database.dataSource, items, source),
    orders: (...items: OrderInput[]) => upsertOrders(database.dataSource, items, { source, currency: 'USD' }),
    events: (...items: EventInput[]) => recordEvents(database.dataSource, items, source),
  };
}
