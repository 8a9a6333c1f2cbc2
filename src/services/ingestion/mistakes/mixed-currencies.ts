import type { Queryable } from '../../../database/queryable.js';
import type { CurrencyCount } from '../import.types.js';

/**
 * The stored orders of customers by currency, the most frequent first, where there are several: their amounts are added as
 * they stand. An index tells whether there are, so that only then orders are counted.
 */
export function findMixedCurrencies(queryable: Queryable): Promise<CurrencyCount[]> {
  return queryable.query<CurrencyCount>(`
    select currency, count(*)::integer as orders from customer_order
    where customer_id is not null
      and (select min(currency) <> max(currency) from customer_order where customer_id is not null)
    group by currency order by orders desc, currency`);
}
