import type { Queryable } from '../../database/queryable.js';
import { utcDayOf, utcMidnightOf } from '../../database/utc-day.js';
import { midnightOf } from '../../days.js';

/** Figures of a customer's purchase days before the as-of date. Money in currency. */
export interface PurchaseHistory {
  /** Whether there is any order at all, even of amount 0. */
  readonly ordered: boolean;
  /** Net of returns. */
  readonly spend: number;
  /** With four decimals, as in summaries, so that filters see the same cents. */
  readonly meanOccasionValue: number | null;
  /** Days with a purchase. */
  readonly purchaseDays: number;
  /** The first and the last of them, as midnight UTC. */
  readonly firstDay: Date | null;
  readonly lastDay: Date | null;
  readonly gapMeanDays: number | null;
  /** Null with fewer than three purchases. */
  readonly gapStdDays: number | null;
}

export const noHistory: PurchaseHistory = {
  ordered: false,
  spend: 0,
  meanOccasionValue: null,
  purchaseDays: 0,
  firstDay: null,
  lastDay: null,
  gapMeanDays: null,
  gapStdDays: null,
};

interface HistoryRow extends Omit<PurchaseHistory, 'firstDay' | 'lastDay'> {
  readonly customerId: string;
  readonly firstDay: string | null;
  readonly lastDay: string | null;
}

/** Histories by customer id, from purchase days: summaries include purchases after `asOf`. */
export async function findHistories(
  queryable: Queryable,
  customerIds: readonly string[],
  asOf: Date,
): Promise<Map<string, PurchaseHistory>> {
  const rows = await queryable.query<HistoryRow>(
    `with asked as (select ${utcDayOf('$2')} as today),
     days as (
       select customer_id, day, net, net > 0 as bought,
         day - lag(day) over (partition by customer_id, net > 0 order by day) as gap
       from purchase_day, asked
       where customer_id = any($1::bigint[]) and day < today
     ),
     history as (
       select customer_id, sum(net)::float8 as spend,
         (round(avg(net) filter (where bought), 4))::float8 as mean_occasion_value,
         (count(*) filter (where bought))::integer as purchase_days,
         min(day) filter (where bought) as first_day,
         max(day) filter (where bought) as last_day,
         (avg(gap) filter (where bought))::float8 as gap_mean_days,
         (stddev_samp(gap) filter (where bought))::float8 as gap_std_days
       from days
       group by customer_id
     )
     select c.id as "customerId", coalesce(spend, 0) as spend, mean_occasion_value as "meanOccasionValue",
       coalesce(purchase_days, 0) as "purchaseDays", first_day::text as "firstDay", last_day::text as "lastDay",
       gap_mean_days as "gapMeanDays", gap_std_days as "gapStdDays",
       h.customer_id is not null or exists (
         select from customer_order o, asked
         where o.customer_id = c.id and o.placed_at < ${utcMidnightOf('today')}
       ) as ordered
     from customer c left join history h on h.customer_id = c.id
     where c.id = any($1::bigint[])`,
    [customerIds, asOf],
  );
  return new Map(
    rows.map((row) => [row.customerId, { ...row, firstDay: instantOf(row.firstDay), lastDay: instantOf(row.lastDay) }]),
  );
}

const instantOf = (day: string | null): Date | null => (day === null ? null : midnightOf(day));
