import type { Queryable } from '../../database/queryable.js';

const keptForMs = 60_000;
/** Orders that say which of several currencies is the usual one. */
const looksAt = 10_000;

/** The customers' orders of one currency. */
export interface OrdersInCurrency {
  readonly currency: string;
  readonly orders: number;
  /** The newest of them. */
  readonly source: string;
  readonly externalId: string;
}

/** In which currency the customers' orders are, and so what is predicted from them. Nothing counts orders of nobody. */
export class OrderCurrencies {
  private last: { readonly readAt: number; readonly currency: Promise<string> } | undefined;

  /** @param fallback where there are no orders */
  constructor(
    private readonly queryable: Queryable,
    private readonly fallback: string,
  ) {}

  /** The first and the last of their codes, in the order of the alphabet. */
  async range(): Promise<{ readonly first: string; readonly last: string }> {
    const [row] = await this.queryable.query<{ first: string | null; last: string | null }>(
      'select min(currency) as first, max(currency) as last from customer_order where customer_id is not null',
    );
    return { first: row?.first ?? this.fallback, last: row?.last ?? this.fallback };
  }

  /** The most frequent first. Counts every order. */
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

  /** Of amounts that are told customer by customer; read once a minute. */
  ofPredictions(): Promise<string> {
    const now = performance.now();
    if (this.last && now - this.last.readAt < keptForMs) return this.last.currency;
    const currency = this.read();
    this.last = { readAt: now, currency };
    // What could not be read is read again with the next request.
    currency.catch(() => (this.last = undefined));
    return currency;
  }

  private async read(): Promise<string> {
    const { first, last } = await this.range();
    return first === last ? first : this.usual();
  }

  /** That of most of the latest orders: a stray one says nothing of the others' amounts. */
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
