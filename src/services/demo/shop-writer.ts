import { setImmediate as nextTurn } from 'node:timers/promises';
import type pg from 'pg';
import { CopyBatch } from '../../database/copy-batch.js';
import { dayMs } from '../../days.js';
import { behaviorEventTypes, type BehaviorEventType } from '../../entities/index.js';
import { ClvError } from '../../errors.js';
import type { ProgressReporter } from '../../progress.js';
import type { Catalogue, DemoProduct } from './catalogue.js';
import { demoSource } from './demo-source.js';
import { simulateCustomer, type ShopPlan, type SimulatedCustomer } from './simulation.js';

/** Customers per COPY, which is some megabytes of text. */
const batchSize = 2_000;
/** Customers simulated between two turns of the event loop, so that Postgres is fed meanwhile. */
const turnSize = 20;

export interface ShopCounts {
  customers: number;
  products: number;
  /** Number of purchases, without returns. */
  orders: number;
  returns: number;
  orderLines: number;
  events: Record<BehaviorEventType, number>;
}

/** Writes a simulated shop through one connection, inside the caller's transaction. */
export class ShopWriter {
  readonly counts: ShopCounts;
  private productIds: readonly string[] = [];

  constructor(
    private readonly client: pg.ClientBase,
    private readonly plan: ShopPlan,
    private readonly currency: string,
  ) {
    const events = Object.fromEntries(behaviorEventTypes.map((type) => [type, 0])) as ShopCounts['events'];
    this.counts = { customers: 0, products: 0, orders: 0, returns: 0, orderLines: 0, events };
  }

  /** @throws ClvError RUN_CANCELLED once the signal is aborted */
  async write(progress: ProgressReporter, signal?: AbortSignal): Promise<void> {
    await this.client.query('select ensure_behavior_event_partitions($1, $2)', [
      new Date(this.plan.until.getTime() - (this.plan.years * 366 + 1) * dayMs),
      new Date(this.plan.until.getTime() - 1),
    ]);
    await this.writeProducts(this.plan.catalogue);
    let sending: Promise<void> = Promise.resolve();
    try {
      for (let first = 1; first <= this.plan.customers; first += batchSize) {
        const batch = await this.simulate(first, Math.min(first + batchSize - 1, this.plan.customers), signal);
        await sending;
        sending = this.send(batch);
        // An error is thrown by an await in the next round or below; it must not count as unhandled until then.
        sending.catch(() => undefined);
        await progress.report('loading demo shop', Math.min(1, (first + batchSize) / this.plan.customers));
      }
    } finally {
      // Otherwise what is under way when the work is cancelled would be written after the caller's transaction, and stay.
      await sending;
    }
  }

  private async simulate(first: number, last: number, signal?: AbortSignal): Promise<SimulatedCustomer[]> {
    const customers: SimulatedCustomer[] = [];
    for (let number = first; number <= last; number++) {
      customers.push(simulateCustomer(this.plan, number));
      if (number % turnSize !== 0) continue;
      if (signal?.aborted)
        throw new ClvError('RUN_CANCELLED', 'Loading the demo shop was cancelled; nothing was kept.');
      await nextTurn();
    }
    return customers;
  }

  private async writeProducts({ products }: Catalogue): Promise<void> {
    this.productIds = await this.reserveIds('product', products.length);
    const rows = new CopyBatch('product', [
      'id',
      'source',
      'external_id',
      'name',
      'description',
      'category',
      'price',
      'merchandise',
    ]);
    for (const product of products) {
      rows.add(
        this.idOf(product),
        demoSource,
        product.externalId,
        product.name,
        product.description,
        product.category,
        product.price,
        product.merchandise,
      );
    }
    this.counts.products += await rows.send(this.client);
  }

  private async send(customers: readonly SimulatedCustomer[]): Promise<void> {
    const orderCount = customers.reduce((sum, { orders }) => sum + orders.length, 0);
    const customerIds = await this.reserveIds('customer', customers.length);
    const orderIds = await this.reserveIds('customer_order', orderCount);
    await this.sendCustomers(customers, customerIds);
    await this.sendOrders(customers, customerIds, orderIds);
    await this.sendEvents(customers, customerIds);
  }

  private async sendCustomers(customers: readonly SimulatedCustomer[], ids: readonly string[]): Promise<void> {
    const people = new CopyBatch('customer', ['id', 'source', 'external_id', 'country', 'attributes']);
    const personal = new CopyBatch('customer_personal_data', ['customer_id', 'name', 'email']);
    customers.forEach(({ externalId, country, channel, name, email }, index) => {
      const id = ids[index] as string;
      people.add(id, demoSource, externalId, country, JSON.stringify({ synthetic: true, channel }));
      personal.add(id, name, email);
    });
    this.counts.customers += await people.send(this.client);
    await personal.send(this.client);
  }

  private async sendOrders(
    customers: readonly SimulatedCustomer[],
    customerIds: readonly string[],
    orderIds: readonly string[],
  ): Promise<void> {
    const orders = new CopyBatch('customer_order', [
      'id',
      'source',
      'external_id',
      'customer_id',
      'placed_at',
      'currency',
      'total',
      'item_count',
    ]);
    const lines = new CopyBatch('order_line', ['order_id', 'line_number', 'product_id', 'quantity', 'unit_price']);
    let next = 0;
    customers.forEach((customer, index) => {
      for (const order of customer.orders) {
        const id = orderIds[next++] as string;
        const { externalId, placedAt, total, itemCount } = order;
        orders.add(id, demoSource, externalId, customerIds[index] as string, placedAt, this.currency, total, itemCount);
        order.lines.forEach(({ product, quantity, unitPrice }, line) =>
          lines.add(id, line + 1, this.idOf(product), quantity, unitPrice),
        );
        if (order.returnOf === null) this.counts.orders++;
        else this.counts.returns++;
      }
    });
    await orders.send(this.client);
    this.counts.orderLines += await lines.send(this.client);
  }

  private async sendEvents(customers: readonly SimulatedCustomer[], customerIds: readonly string[]): Promise<void> {
    const rows = new CopyBatch('behavior_event', [
      'source',
      'external_id',
      'occurred_at',
      'customer_id',
      'type',
      'product_id',
      'text',
      'attributes',
    ]);
    customers.forEach(({ events }, index) => {
      for (const { externalId, occurredAt, type, product, text, attributes } of events) {
        rows.add(
          demoSource,
          externalId,
          occurredAt,
          customerIds[index] as string,
          type,
          product && this.idOf(product),
          text,
          JSON.stringify(attributes),
        );
        this.counts.events[type]++;
      }
    });
    await rows.send(this.client);
  }

  private idOf(product: DemoProduct): string {
    return this.productIds[product.index] as string;
  }

  /** Takes ids from the table's own sequence, so that whoever else inserts meanwhile gets other ones. */
  private async reserveIds(table: string, count: number): Promise<readonly string[]> {
    const { rows } = await this.client.query<{ id: string }>(
      `select nextval(pg_get_serial_sequence('${table}', 'id')) as id from generate_series(1, $1)`,
      [count],
    );
    return rows.map(({ id }) => id);
  }
}
