import type { Queryable } from '../../database/queryable.js';
import { type FeatureRequest, type StatementRow, toFeatureRows } from './compute-features.js';
import type { FeatureRow } from './feature-row.js';
import { eventsSince } from './event-tables.js';
import { featureStatement } from './feature-statement.js';
import { purchaseDays } from './purchase-days.js';
import { midnight } from './spending-tables.js';

/** An order that was not placed; a return has a negative total or, with lines, negative quantities. */
export interface HypotheticalOrder {
  readonly customerId: string;
  readonly placedAt: Date;
  /** Used where there are no lines. */
  readonly total: number;
  readonly itemCount: number;
  readonly lines: readonly HypotheticalLine[];
}

export interface HypotheticalLine {
  readonly productId: string | null;
  readonly quantity: number;
  readonly unitPrice: number;
}

/** The assumed changes. */
export interface Alteration {
  readonly orders: readonly HypotheticalOrder[];
  /** Everything that the customers did, bought and said is moved back by so many days. */
  readonly movedBackDays: number;
}

/**
 * Features of customers under assumed changes of their orders and events; nothing is written. The same statements clean orders and
 * compute features, with the altered facts in place of the tables, so that the result is what `computeFeatures` would give if they were
 * recorded.
 */
export async function computeAlteredFeatures(
  queryable: Queryable,
  { asOf, customerIds, covariates = [] }: FeatureRequest & { readonly customerIds: readonly string[] },
  { orders, movedBackDays }: Alteration,
): Promise<FeatureRow[]> {
  const parameters = [asOf, customerIds, eventsSince(asOf), JSON.stringify(records(orders)), movedBackDays];
  const rows =
    covariates.length === 0
      ? await queryable.query<StatementRow>(alteredStatement(featureStatement()), parameters)
      : await queryable.query<StatementRow>(alteredStatement(featureStatement('$6')), [...parameters, covariates]);
  return toFeatureRows(rows, asOf);
}

/** The orders as rows of the tables, with negative ids, which no record has. */
function records(orders: readonly HypotheticalOrder[]) {
  let lines = 0;
  return {
    orders: orders.map(({ customerId, placedAt, total, itemCount }, i) => ({
      id: -(i + 1),
      customer_id: customerId,
      placed_at: placedAt.toISOString(),
      total,
      item_count: itemCount,
    })),
    lines: orders.flatMap((order, i) =>
      order.lines.map(({ productId, quantity, unitPrice }) => ({
        id: -++lines,
        order_id: -(i + 1),
        product_id: productId,
        quantity,
        unit_price: unitPrice,
      })),
    ),
  };
}

const asked = (column: string): string => `${column} = any($2::bigint[])`;
/** `record` with its instant moved; the record's type is that of the table, whatever columns it has. */
const moved = (record: string, column: string): string =>
  `jsonb_populate_record(${record}, jsonb_build_object('${column}',
        ${record}.${column} - make_interval(hours => 24 * $5::integer)))`;

/** A name in `with` hides the table of that name from the statements further down, but not from itself. */
const alteredStatement = (features: string): string => `
    with order_line as materialized (
      select l.* from order_line l join customer_order o on o.id = l.order_id where ${asked('o.customer_id')}
      union all
      select * from jsonb_populate_recordset(null::order_line, $4::jsonb -> 'lines')
    ),
    customer_order as materialized (
      -- What lay ahead of the as-of date is not moved into its past.
      select altered.* from customer_order o, ${moved('o', 'placed_at')} altered
      where ${asked('o.customer_id')}
        and o.placed_at < ${midnight}
      union all
      select * from jsonb_populate_recordset(null::customer_order, $4::jsonb -> 'orders')
    ),
    behavior_event as materialized (
      select altered.* from behavior_event e, ${moved('e', 'occurred_at')} altered
      where ${asked('e.customer_id')} and e.occurred_at < ${midnight}
        and e.occurred_at >= $3::timestamptz
    ),
    purchase_day as materialized (${purchaseDays(asked('o.customer_id'))})
    select * from (${features}) altered`;
