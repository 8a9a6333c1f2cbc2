import type { DataSource } from 'typeorm';

const keptForMs = 60_000;
/** Orders that say which of several currencies is the usual one. */
const looksAt = 10_000;

/** In which currency the shop's orders are, and so what is predicted from them. */
export class OrderCurrencies {
  private last: { readonly readAt: number; readonly currency: Promise<string> } | undefined;

  /** @param fallback where there are no orders */
  constructor(
    private readonly dataSource: DataSource,
    private readonly fallback: string,
  ) {}

  /** The first and the last of their codes, in the order of the alphabet. */
  async range(): Promise<{ readonly first: string; readonly last: string }> {
    const [row] = await this.dataSource.query<{ first: string | null; last: string | null }[]>(
      'select min(currency) as first, max(currency) as last from customer_order',
    );
    return { first: row?.first ?? this.fallback, last: row?.last ?? this.fallback };
  }

  /** Of amounts that are told customer by customer; read once a minute. */
  ofPredictions(): Promise<string> {
    const now = Date.now();
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
    const [row] = await this.dataSource.query<{ currency: string }[]>(
      `select currency from (select currency from customer_order order by id desc limit $1) as latest
       group by currency order by count(*) desc, currency limit 1`,
      [looksAt],
    );
    return row?.currency ?? this.fallback;
  }
}
