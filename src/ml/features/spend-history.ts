import type { Queryable } from '../../database/queryable.js';

/** What all customers together show of a shop before the as-of day. */
export interface SpendHistory {
  /** Spend of the best customer, returns not subtracted, in currency; 0 where nobody has bought. */
  readonly largestSpend: number;
  /** From the first purchase to the as-of day; 0 where nobody has bought. */
  readonly observedDays: number;
}

export async function computeSpendHistory(queryable: Queryable, asOf: Date): Promise<SpendHistory> {
  const [row] = await queryable.query<{ largest: number | null; days: number | null }>(
    `select max(spend)::float8 as largest, (($1::timestamptz at time zone 'UTC')::date - min(first_day))::integer as days
     from (
       select sum(net) filter (where net > 0) as spend, min(day) filter (where net > 0) as first_day
       from purchase_day where day < ($1::timestamptz at time zone 'UTC')::date group by customer_id
     ) by_customer`,
    [asOf],
  );
  return { largestSpend: row?.largest ?? 0, observedDays: row?.days ?? 0 };
}
