import type { DataSource } from 'typeorm';
import { featureDefinitions } from '../../src/ml/features/feature-definitions.js';
import type { FeatureRow } from '../../src/ml/features/feature-row.js';
import { refreshPurchaseDays } from '../../src/ml/features/purchase-days.js';
import { type OpenTestDatabase, useTestDatabase } from './database.js';

interface TestLine {
  product: string;
  quantity: number;
  price: number;
}

interface TestOrder {
  id?: string;
  customer: string | null;
  at: string;
  total?: number;
  items?: number;
  lines?: TestLine[];
}

interface TestEvent {
  customer: string;
  at: string;
  type: string;
  text?: string;
  attributes?: Record<string, unknown>;
}

/** Writes small hand-made shops into a test database. */
export class TestShop {
  readonly #database: Pick<OpenTestDatabase, 'dataSource'>;
  #orders = 0;
  #events = 0;

  constructor(database: Pick<OpenTestDatabase, 'dataSource'>) {
    this.#database = database;
  }

  get dataSource(): DataSource {
    return this.#database.dataSource;
  }

  async customer(externalId: string, country: string | null = null): Promise<string> {
    const [row] = await this.dataSource.query<{ id: string }[]>(
      'insert into customer (external_id, country) values ($1, $2) returning id',
      [externalId, country],
    );
    return row!.id;
  }

  async product(externalId: string, name: string, category: string | null = null, merchandise = true): Promise<void> {
    await this.dataSource.query(
      'insert into product (external_id, name, category, merchandise) values ($1, $2, $3, $4)',
      [externalId, name, category, merchandise],
    );
  }

  /** @returns the order's database id */
  async order({ id, customer, at, total, items, lines = [] }: TestOrder): Promise<string> {
    const sum = lines.reduce((value, line) => value + line.quantity * line.price, 0);
    const [row] = await this.dataSource.query<{ id: string }[]>(
      `insert into customer_order (external_id, customer_id, placed_at, currency, total, item_count)
       values ($1, $2, $3, 'GBP', $4, $5) returning id`,
      [id ?? `order ${++this.#orders}`, customer, at, total ?? sum, items ?? 0],
    );
    for (const [index, { product, quantity, price }] of lines.entries()) {
      await this.dataSource.query(
        `insert into order_line (order_id, line_number, product_id, quantity, unit_price)
         values ($1, $2, (select id from product where external_id = $3), $4, $5)`,
        [row!.id, index + 1, product, quantity, price],
      );
    }
    return row!.id;
  }

  async event({ customer, at, type, text, attributes = {} }: TestEvent): Promise<void> {
    await this.dataSource.query('select ensure_behavior_event_partitions($1, $1)', [at]);
    await this.dataSource.query(
      `insert into behavior_event (occurred_at, external_id, customer_id, type, text, attributes)
       values ($1, $2, $3, $4, $5, $6)`,
      [at, `event ${++this.#events}`, customer, type, text ?? null, attributes],
    );
  }

  async refresh(customerIds: readonly string[] | 'all' = 'all'): Promise<void> {
    await this.dataSource.transaction((manager) => refreshPurchaseDays(manager, customerIds));
  }
}

/** An empty shop for the tests of the block that calls this, as `useTestDatabase` makes one. */
export function useTestShop(): TestShop {
  return new TestShop(useTestDatabase());
}

/** Features by name. */
export function named({ features }: Pick<FeatureRow, 'features'>): Record<string, number | null> {
  return Object.fromEntries(featureDefinitions.map(({ name }, index) => [name, features[index] ?? null]));
}

export function textOf({ narrative }: Pick<FeatureRow, 'narrative'>): string {
  return narrative.map(({ text }) => text).join(' ');
}
