import type { DataSource } from 'typeorm';
import { upsertOrders } from '../../../../src/services/ingestion/live/upsert-orders.js';
import type { OrderInput } from '../../../../src/services/ingestion/live/upsert.schemas.js';
import { useEmptiedDatabase } from '../../../support/database.js';

/** A database without records at the beginning of each test, and orders put into it. */
export function useOrders() {
  const database = useEmptiedDatabase();
  return {
    get dataSource(): DataSource {
      return database.dataSource;
    },
    query: <Row>(sql: string) => database.dataSource.query<Row[]>(sql),
    orders: (...items: OrderInput[]) => upsertOrders(database.dataSource, items, { currency: 'USD' }),
  };
}
