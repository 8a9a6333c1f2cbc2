import type { FirstLoadCounts } from './first-load.js';
import type { ChangeCounts, ImportKind, ImportReport } from '../import.types.js';
import type { IngestionSession } from '../ingestion-session.js';

export type MergeCounts = Pick<
  ImportReport,
  'customers' | 'products' | 'orders' | 'ordersMoved' | 'orderLines' | 'events'
>;

export async function countFirstLoad(
  session: IngestionSession,
  kind: ImportKind,
  { customers, products }: FirstLoadCounts,
): Promise<MergeCounts> {
  const staged = await stagedCounts(session, kind);
  const allNew = (created: number) => ({ created, updated: 0, unchanged: 0 });
  return {
    customers: withUnchanged(staged.customer, customers),
    products: withUnchanged(staged.product, products),
    orders: allNew(staged.order),
    ordersMoved: 0,
    orderLines: { ...allNew(staged.line), removed: 0 },
    events: allNew(0),
  };
}

/** Counts what `mergeStaged` noted in its tables of changes. */
export async function countChanges(session: IngestionSession, kind: ImportKind): Promise<MergeCounts> {
  const staged = await stagedCounts(session, kind);
  const lines = await changeCounts(
    session,
    'select sum(created) as created, sum(updated) as updated from changed_line',
  );
  const [removed] = await session.query<{ removed: number }>(
    'select coalesce(sum(removed), 0)::integer as removed from changed_line',
  );
  const [moved] = await session.query<{ orders: number }>(
    `select count(*)::integer as orders from changed_order c join customer_order o using (id)
     where o.customer_id <> c.previous_customer_id`,
  );
  const ofRows = (rows: string) => `
    select count(*) filter (where created) as created, count(*) filter (where not created) as updated
    from (select id, bool_or(created) as created from (${rows}) as changed group by id) as entity`;
  const counts = async (given: number, query: string) => withUnchanged(given, await changeCounts(session, query));
  return {
    customers: await counts(staged.customer, ofRows('select id, created from changed_customer')),
    products: await counts(staged.product, ofRows('select id, created from changed_product')),
    orders: await counts(
      staged.order,
      ofRows('select id, created from changed_order union all select order_id, false from changed_line'),
    ),
    ordersMoved: moved!.orders,
    orderLines: { ...withUnchanged(staged.line, lines), removed: removed!.removed },
    events: await counts(
      staged.event,
      `select count(*) filter (where created) as created, count(*) filter (where not created) as updated
       from changed_event`,
    ),
  };
}

type Changes = Omit<ChangeCounts, 'unchanged'>;

async function changeCounts(session: IngestionSession, query: string): Promise<Changes> {
  const [counts] = await session.query<Changes>(
    `select coalesce(created, 0)::integer as created, coalesce(updated, 0)::integer as updated from (${query}) as counts`,
  );
  return counts!;
}

function withUnchanged(given: number, { created, updated }: Changes): ChangeCounts {
  return { created, updated, unchanged: given - created - updated };
}

/** Number of staged records of each sort; 0 for sorts that the kind does not have. */
async function stagedCounts(
  session: IngestionSession,
  kind: ImportKind,
): Promise<Record<'customer' | 'product' | 'order' | 'line' | 'event', number>> {
  const count = async (table: string) => {
    const [found] = await session.query<{ there: boolean }>('select to_regclass($1) is not null as there', [
      `pg_temp.${table}`,
    ]);
    if (!found!.there) return 0;
    const [rows] = await session.query<{ rows: number }>(`select count(*)::integer as rows from ${table}`);
    return rows!.rows;
  };
  return {
    customer: await count('staged_customer'),
    product: await count('staged_product'),
    order: await count('staged_order'),
    line: kind === 'order-lines' ? await count('staged_row') : 0,
    event: await count('staged_event'),
  };
}
