import type { Queryable } from '../../../database/queryable.js';
import type { CurrencyCount } from '../import.types.js';

/**
 * Number of stored orders of customers by currency, the most frequent first, if there are several: their amounts are added up without
 * conversion. An index says whether there are several, so that orders are counted only then.
 */
export function findMixedCurrencies(queryable: Queryable): Promise<CurrencyCount[]> {
  return queryable.query<CurrencyCount>(`
    select currency, count(*)::integer as orders from customer_order
    where customer_id is not null
      and (select min(currency) <> max(currency) from customer_order where customer_id is not null)
    group by currency order by orders desc, currency`);
}
