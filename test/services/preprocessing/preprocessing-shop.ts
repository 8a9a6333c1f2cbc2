import type { DataSource } from 'typeorm';
import { Random } from '../../../src/random.js';
import { TestShop } from '../../support/shop.js';

const DAY_MS = 86_400_000;

/** A shop of 300 customers over 2023, with repeat purchases, returns and some events: enough to learn from. */
export async function writeShop(dataSource: DataSource): Promise<void> {
  const random = new Random(5);
  const shop = new TestShop({ dataSource });
  const customers = 300;
  await dataSource.query(`insert into customer (external_id) select 'c' || n from generate_series(1, $1::int) n`, [
    customers,
  ]);
  const ids: string[] = [];
  const days: string[] = [];
  const totals: number[] = [];
  for (let customer = 1; customer <= customers; customer++) {
    let day = random.integer(250);
    const value = random.gamma(3, 0.1);
    while (day < 365) {
      ids.push(`c${customer}`);
      days.push(new Date(Date.UTC(2023, 0, 1) + day * DAY_MS).toISOString());
      totals.push((Math.round(100 * value * random.gamma(6, 6)) / 100) * (random.uniform() < 0.05 ? -0.3 : 1));
      day += 1 + Math.floor(random.exponential(1 / 50));
      if (random.uniform() < 0.15) break;
    }
  }
  await dataSource.query(
    `insert into customer_order (external_id, customer_id, placed_at, currency, total)
     select number, c.id, placed_at, 'EUR', total
     from unnest($1::text[], $2::timestamptz[], $3::numeric[]) with ordinality as t (customer, placed_at, total, number)
     join customer c on c.external_id = t.customer`,
    [ids, days, totals],
  );
  await shop.event({ customer: '1', at: '2023-06-01', type: 'SEARCH', text: 'a "quoted"\ttab \\ and\nline' });
}
