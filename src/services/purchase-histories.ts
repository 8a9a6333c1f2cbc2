import type { Queryable } from '../database/queryable.js';

/** What a customer's purchase days before the as-of date say. Money in currency. */
export interface PurchaseHistory {
  /** Whether there is any order at all, whatever it was worth. */
  readonly ordered: boolean;
  /** Net of returns. */
  readonly spend: number;
  readonly meanOccasionValue: number | null;
  readonly gapMeanDays: number | null;
}

export const noHistory: PurchaseHistory = { ordered: false, spend: 0, meanOccasionValue: null, gapMeanDays: null };

/** By customer id. From the purchase days, not from the summaries: those go on to now, and `asOf` may lie before that. */
export async function findHistories(
  queryable: Queryable,
  customerIds: readonly string[],
  asOf: Date,
): Promise<Map<string, PurchaseHistory>> {
  const rows = await queryable.query<PurchaseHistory & { customerId: string }>(
    `with asked as (select ($2::timestamptz at time zone 'UTC')::date as today),
     history as (
       select customer_id, sum(net)::float8 as spend,
         (avg(net) filter (where net > 0))::float8 as mean_occasion_value,
         (max(day) filter (where net > 0) - min(day) filter (where net > 0))::float8
           / nullif(count(*) filter (where net > 0) - 1, 0) as gap_mean_days
       from purchase_day, asked
       where customer_id = any($1::bigint[]) and day < today
       group by customer_id
     )
     select c.id as "customerId", coalesce(spend, 0) as spend, mean_occasion_value as "meanOccasionValue",
       gap_mean_days as "gapMeanDays",
       h.customer_id is not null or exists (
         select from customer_order o, asked
         where o.customer_id = c.id and o.placed_at < today::timestamp at time zone 'UTC'
       ) as ordered
     from customer c left join history h on h.customer_id = c.id
     where c.id = any($1::bigint[])`,
    [customerIds, asOf],
  );
  return new Map(rows.map((row) => [row.customerId, row]));
}
