import { loadLock } from '../../../database/advisory-locks.js';
import { partOf, type ProgressReporter } from '../../../progress.js';
import { requireRoomForAttributes } from './attribute-limits.js';
import type { ImportKind } from '../import.types.js';
import { liftForFirstCustomers, loadFirstOrders } from './first-load.js';
import type { IngestionSession } from '../ingestion-session.js';
import { analyzeAfterLargeLoad, createChangeTables, refreshChangedFacts } from './merge-changes.js';
import { countChanges, countFirstLoad, type MergeCounts } from './merge-counts.js';
import { customerMerge, personalDataMerge } from './customers.js';
import { mergeStagedEvents } from './staged-events.js';
import { orderLineMerge, surplusLineRemoval } from './order-lines.js';
import { orderMerge } from './orders.js';
import { productMerge } from './products.js';
import { noteMerge } from './run-merge.js';

interface Step {
  readonly phase: string;
  /** Relative share of the merge's time, roughly. */
  readonly weight: number;
  readonly run: (session: IngestionSession, options: MergeOptions, progress: StepProgress) => Promise<unknown>;
}

/** @param fraction share of the step */
type StepProgress = (fraction: number) => void | Promise<void>;

interface MergeOptions {
  readonly source: string;
  /** Currency of new orders whose row names none. */
  readonly currency: string;
  /** Whether stored orders get it, too, in place of their own. */
  readonly isCurrencyOfAll: boolean;
}

/** A merge whose only parameter is the source. */
function stepOf(phase: string, merge: string, note: string): Step {
  return { phase, weight: 1, run: (session, { source }) => noteMerge(session, merge, note, [source]) };
}

/** Analyses new customers first: without statistics on their source, the planner expects one row and compares each with all others. */
function afterCustomers({ run, ...step }: Step): Step {
  return {
    ...step,
    run: async (session, ...given) => {
      await analyzeAfterLargeLoad(session);
      await run(session, ...given);
    },
  };
}

const mergeCustomers = stepOf(
  'merging customers',
  customerMerge('select * from staged_customer'),
  'insert into changed_customer select id, created from changed',
);

const mergePersonalData = afterCustomers(
  stepOf(
    'merging personal data',
    personalDataMerge('select * from staged_customer'),
    'insert into changed_customer select id, created from changed',
  ),
);

const mergeProducts = stepOf(
  'merging products',
  productMerge('select * from staged_product'),
  'insert into changed_product select id, created, affects_buyers from changed',
);

const mergeOrders: Step = {
  phase: 'merging orders',
  weight: 2,
  run: (session, { source, currency, isCurrencyOfAll }) =>
    noteMerge(
      session,
      orderMerge(`
        select external_id, customer, coalesce(currency, case when $3 then $2 end) as currency, placed_at, total, item_count
        from staged_order`),
      'insert into changed_order select id, created, previous_customer_id from changed',
      [source, currency, isCurrencyOfAll],
    ),
};

const mergeOrderLines: Step = {
  phase: 'merging order lines',
  weight: 15,
  run: async (session, { source }) => {
    await analyzeAfterLargeLoad(session);
    await session.query(
      `create temporary table order_id on commit drop as
       select s.order_number as number, o.id, s.lines
       from staged_order s join customer_order o on o.source = $1 and o.external_id = s.external_id`,
      [source],
    );
    await session.query('analyze order_id');
    const lines = `
      select o.id as order_id, s.line_number, s.product, s.quantity, s.unit_price
      from staged_row s join order_id o on o.number = s.order_number`;
    await session.query(
      `${orderLineMerge(lines)}
       insert into changed_line
       select order_id, count(*) filter (where created), count(*) filter (where not created), 0
       from changed group by order_id`,
      [source],
    );
    await session.query(
      `${surplusLineRemoval('select id as order_id, lines from order_id')}
       insert into changed_line select order_id, 0, 0, count(*) from removed group by order_id`,
    );
    await lockLined(session, source);
  },
};

/**
 * A batch may be giving one of the orders whose lines were written to another customer, or changing a product, and look for the customers
 * affected before the lines are there. So load and batch wait for each other.
 */
async function lockLined(session: IngestionSession, source: string): Promise<void> {
  // Rows that this transaction wrote itself are locked already.
  const isOthers = 'xmin <> pg_current_xact_id()::xid';
  await session.query(`
    select count(*) from (
      select from customer_order where id in (select order_id from changed_line) and ${isOthers}
      order by id for no key update
    ) as locked`);
  await session.query(
    `select count(*) from (
       select from product
       where source = $1 and external_id in (select external_id from staged_product) and ${isOthers}
         and exists (select from changed_line)
       order by id for share
     ) as locked`,
    [source],
  );
}

const mergeEvents = afterCustomers({
  phase: 'merging events',
  weight: 5,
  run: (session, { source }, progress) => mergeStagedEvents(session, source, progress),
});

const refreshFacts: Step = { phase: 'computing purchase days', weight: 5, run: refreshChangedFacts };

const steps: Readonly<Record<ImportKind, readonly Step[]>> = {
  customers: [mergeCustomers, mergePersonalData],
  products: [mergeProducts],
  orders: [mergeCustomers, mergeOrders],
  'order-lines': [mergeCustomers, mergeProducts, mergeOrders, mergeOrderLines],
  events: [mergeCustomers, mergeProducts, mergeEvents],
};

/** Merges the staged tables into the live ones and brings what depends on them up to date. Runs in a transaction. */
export async function mergeStaged(
  session: IngestionSession,
  kind: ImportKind,
  { progress, ...options }: MergeOptions & { readonly progress: ProgressReporter },
): Promise<MergeCounts> {
  const { source, currency } = options;
  // One load at a time: two would wait for each other's rows. And nobody is erased meanwhile, since the load adds to customers' records.
  await session.query(`select pg_advisory_xact_lock(${loadLock})`);
  if (kind === 'orders' || kind === 'order-lines') {
    const first = await loadFirstOrders(session, kind, { source, currency, progress });
    if (first) return countFirstLoad(session, kind, first);
  }
  if (kind === 'customers') await requireRoomForAttributes(session, source);
  const lifted = kind === 'customers' ? await liftForFirstCustomers(session) : null;
  await createChangeTables(session);
  const all = [...steps[kind], refreshFacts];
  const total = all.reduce((sum, { weight }) => sum + weight, 0);
  let done = 0;
  for (const { phase, weight, run } of all) {
    const step = partOf(progress, done / total, (done + weight) / total);
    await step.report(phase, 0);
    await run(session, options, (fraction) => step.report(phase, fraction));
    done += weight;
  }
  await lifted?.restore((fraction) => partOf(progress, 0.9, 1).report('building indexes', fraction));
  return countChanges(session, kind);
}
