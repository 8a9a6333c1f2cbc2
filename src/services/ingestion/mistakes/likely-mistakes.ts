import { demoSource, holdsDemo } from '../../demo/demo-source.js';
import type { ChangeCounts, ImportKind, ImportReport } from '../import.types.js';
import type { IngestionSession } from '../ingestion-session.js';
import { findDecimalId } from './decimal-id.js';
import { findMixedCurrencies } from './mixed-currencies.js';
import { findPlaceholderCustomer } from './placeholder-customer.js';
import { countUnmatched, findNamesakes } from './unmatched-customers.js';

type LikelyMistakes = Pick<
  ImportReport,
  | 'ordersWithoutCustomer'
  | 'repeatedOrders'
  | 'spreadOrders'
  | 'ordersWithLines'
  | 'negativePrices'
  | 'placeholderCustomer'
  | 'decimalId'
  | 'namesakes'
  | 'unmatchedCustomers'
  | 'mixedCurrencies'
  | 'isBesideDemo'
>;

interface Loaded {
  readonly kind: ImportKind;
  readonly source: string;
  readonly rowsAccepted: number;
  readonly customers: ChangeCounts;
  readonly orders: ChangeCounts;
}

/** What is probably a mistake in a load that is still staged. */
export async function likelyMistakes(
  session: IngestionSession,
  { kind, source, rowsAccepted, customers, orders: { created, updated, unchanged } }: Loaded,
): Promise<LikelyMistakes> {
  const isOrders = kind === 'orders';
  const isLines = kind === 'order-lines';
  const hasOrders = isOrders || isLines;
  const hasCustomers = kind !== 'products';
  return {
    ordersWithoutCustomer: hasOrders ? await rowsWhere(session, 'customer is null', 'staged_order') : 0,
    repeatedOrders: isOrders && created + updated + unchanged < rowsAccepted ? await repeatedOrders(session) : 0,
    spreadOrders: isLines ? await rowsWhere(session, 'is_spread', 'staged_order') : 0,
    ordersWithLines: isOrders && updated + unchanged > 0 ? await ordersWithLines(session, source) : 0,
    negativePrices: isLines ? await rowsWhere(session, 'unit_price < 0 and merchandise is not false') : 0,
    placeholderCustomer: hasOrders ? await findPlaceholderCustomer(session) : null,
    decimalId: hasCustomers ? await findDecimalId(session) : null,
    namesakes: hasCustomers ? await findNamesakes(session, { kind, source, customers }) : null,
    unmatchedCustomers: hasCustomers ? await countUnmatched(session, { kind, source, customers }) : 0,
    mixedCurrencies: hasOrders ? await findMixedCurrencies(session) : [],
    isBesideDemo: source !== demoSource && (await holdsDemo(session)),
  };
}

async function rowsWhere(session: IngestionSession, condition: string, table = 'staged_row'): Promise<number> {
  const [found] = await session.query<{ rows: number }>(
    `select count(*)::integer as rows from ${table} where ${condition}`,
  );
  return found!.rows;
}

/** Rows that repeat an order with another date or total. Rows that are alike are no mistake: they may be lines with the order's total. */
async function repeatedOrders(session: IngestionSession): Promise<number> {
  const [found] = await session.query<{ rows: number }>(`
    select (count(*) - count(distinct order_id))::integer as rows
    from (select distinct order_id, placed_at, total, refunded from staged_row where order_id is not null) as orders`);
  return found!.rows;
}

async function ordersWithLines(session: IngestionSession, source: string): Promise<number> {
  const [found] = await session.query<{ orders: number }>(
    `select count(*)::integer as orders
     from staged_order s join customer_order o on o.source = $1 and o.external_id = s.external_id
     where exists (select from order_line l where l.order_id = o.id)`,
    [source],
  );
  return found!.orders;
}
