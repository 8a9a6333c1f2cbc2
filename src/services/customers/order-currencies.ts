import type { Queryable } from '../../database/queryable.js';

const keptForMs = 60_000;
/** Number of the latest orders that decide which of several currencies is the usual one. */
const looksAt = 10_000;

/** The customers' orders of one currency. */
export interface OrdersInCurrency {
  readonly currency: string;
  readonly orders: number;
  /** The newest of them. */
  readonly source: string;
  readonly externalId: string;
}

/** The currencies of customers' orders, and so of predictions. Orders without a customer are ignored. */
export class OrderCurrencies {
  private last: { readonly readAt: number; readonly currency: Promise<string> } | undefined;

  /** @param fallback where there are no orders */
  constructor(
    private readonly queryable: Queryable,
    private readonly fallback: string,
  ) {}

  /** The first and the last currency code in alphabetical order. */
  async range(): Promise<{ readonly first: string; readonly last: string }> {
    const [row] = await this.queryable.query<{ first: string | null; last: string | null }>(
      'select min(currency) as first, max(currency) as last from customer_order where customer_id is not null',
    );
    return { first: row?.first ?? this.fallback, last: row?.last ?? this.fallback };
  }

  /** All currencies, the most frequent first. It counts all orders. */
  counted(): Promise<OrdersInCurrency[]> {
    return this.queryable.query<OrdersInCurrency>(
      `select counted.currency, counted.orders, newest.source, newest.external_id as "externalId"
       from (
         select currency, count(*)::integer as orders, max(id) as newest from customer_order
         where customer_id is not null group by currency
       ) as counted join customer_order newest on newest.id = counted.newest
       order by counted.orders desc, counted.currency`,
    );
  }

  /** The currency of amounts of single customers; read once a minute. */
  ofPredictions(): Promise<string> {
    const now = performance.now();
    if (this.last && now - this.last.readAt < keptForMs) return this.last.currency;
    const currency = this.read();
    this.last = { readAt: now, currency };
    // After a failure it is read again by the next request.
    currency.catch(() => (this.last = undefined));
    return currency;
  }

  private async read(): Promise<string> {
    const { first, last } = await this.range();
    return first === last ? first : this.usual();
  }

  /** The most frequent currency of the latest orders, regardless of stray ones. */
  private async usual(): Promise<string> {
    const [row] = await this.queryable.query<{ currency: string }>(
      `select currency from (
         select currency from customer_order where customer_id is not null order by id desc limit $1
       ) as latest group by currency order by count(*) desc, currency limit 1`,
      [looksAt],
    );
    return row?.currency ?? this.fallback;
  }
}
