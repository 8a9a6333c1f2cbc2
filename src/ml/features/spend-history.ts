import type { Queryable } from '../../database/queryable.js';
import { utcDayOf } from '../../database/utc-day.js';
import { drawnToZero } from '../../math.js';

/** Figures of all customers together before the as-of day. */
export interface SpendHistory {
  /** Spend of the best customer, returns not subtracted, in currency; 0 where nobody has bought. */
  readonly largestSpend: number;
  /** From the first purchase to the as-of day; 0 where nobody has bought. */
  readonly observedDays: number;
  /**
   * Natural log of the share of the spend on purchase days that is left after returns, shrunk towards 0 as far as it rests on few
   * customers; 0 where nothing was returned, or everything.
   */
  readonly afterReturns: number;
}

export async function computeSpendHistory(queryable: Queryable, asOf: Date): Promise<SpendHistory> {
  const [row] = await queryable.query<{
    largest: number | null;
    days: number | null;
    spent: number | null;
    kept: number | null;
    squares: number | null;
  }>(
    `select max(spend)::float8 as largest, (${utcDayOf('$1')} - min(first_day))::integer as days,
       sum(spend)::float8 as spent, sum(kept)::float8 as kept, sum((spend - kept)::float8 ^ 2) as squares
     from (
       select sum(net) filter (where net > 0) as spend, sum(net) as kept, min(day) filter (where net > 0) as first_day
       from purchase_day where day < ${utcDayOf('$1')} group by customer_id
     ) by_customer
     where spend > 0`,
    [asOf],
  );
  const { largest, days, spent, kept, squares } = row!;
  return {
    largestSpend: largest ?? 0,
    observedDays: days ?? 0,
    afterReturns: logKept(spent ?? 0, kept ?? 0, squares ?? 0),
  };
}

/** @param squares sum of the squares of what each customer returned */
function logKept(spent: number, kept: number, squares: number): number {
  return kept > 0 ? drawnToZero(Math.log(kept / spent), squares / kept ** 2) : 0;
}
