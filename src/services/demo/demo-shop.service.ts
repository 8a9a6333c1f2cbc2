import type { DataSource } from 'typeorm';
import { loadLock } from '../../database/advisory-locks.js';
import { LiftedKeys } from '../../database/lifted-keys.js';
import type { Queryable } from '../../database/queryable.js';
import { ClvError } from '../../errors.js';
import { refreshPurchaseDays } from '../../ml/features/purchase-days.js';
import { type JobHooks, partOf, type ProgressReporter, silentProgress } from '../../progress.js';
import { IngestionSession } from '../ingestion/ingestion-session.js';
import type { CatalogueName } from './catalogues/index.js';
import { demoSource, holdsDemo } from './demo-source.js';
import { ShopWriter, type ShopCounts } from './shop-writer.js';
import { planShop, type ShopOptions, type ShopPlan } from './simulation.js';
import { counted } from '../../text.js';

interface DemoOptions extends ShopOptions, Partial<JobHooks> {
  /** Currency of the orders, as its ISO 4217 code; by default USD. */
  readonly currency?: string;
  /** Whether to delete a demo shop that is there already, with its predictions. */
  readonly replace?: boolean;
}

/** What a demo shop is made from. The same identity gives the same shop. */
interface DemoIdentity {
  readonly customers: number;
  readonly seed: number;
  /** ISO date-time. */
  readonly until: string;
  readonly years: number;
  readonly catalogue: CatalogueName;
  readonly currency: string;
}

export interface DemoReport extends DemoIdentity {
  /** False where exactly this shop was there already, so that nothing was changed. */
  readonly loaded: boolean;
  readonly counts: ShopCounts;
}

const referringTables = ['customer_personal_data', 'customer_summary', 'customer_order', 'order_line', 'purchase_day'];
const auditAction = 'loadDemoShop';

/**
 * Loads a synthetic shop (source `demo`) in one transaction. Loading the same shop again changes nothing.
 * @throws ClvError CONFLICT where another demo shop is there and `replace` is not set; BAD_USER_INPUT; RUN_CANCELLED;
 *   DATABASE_UNAVAILABLE when the connection is lost
 */
export async function generateDemoShop(dataSource: DataSource, options: DemoOptions): Promise<DemoReport> {
  const plan = planShop(options);
  return IngestionSession.use(dataSource, options.signal, (session) =>
    session.transaction(() => load(session, plan, options)),
  );
}

async function load(session: IngestionSession, plan: ShopPlan, options: DemoOptions): Promise<DemoReport> {
  const { currency = 'USD', replace = false, progress = silentProgress, signal } = options;
  const identity = identityOf(plan, currency);
  // Two loads at the same time would both find an empty database.
  await session.query(`select pg_advisory_xact_lock(${loadLock})`);
  const present = await findDemoShop(session);
  if (present.exists) {
    if (present.report && sameShop(present.report, identity)) return { ...present.report, loaded: false };
    if (!replace) throw conflict(present.report);
    await progress.report('deleting the old demo shop', 0);
    await deleteDemoShop(session);
  }
  const writer = new ShopWriter(session.client, plan, currency);
  // Looking up the foreign keys of each row would be nearly half of a load's work; joining the tables once afterwards is not.
  const lifted = (await hasOrders(session)) ? null : await LiftedKeys.liftForeignKeys(session, referringTables);
  await writer.write(partOf(progress, 0, 0.85), signal);
  await computePurchaseDays(session, progress);
  await lifted?.restore();
  // A cancel that came between two statements has stopped none of them.
  signal?.throwIfAborted();
  const report: DemoReport = { ...identity, loaded: true, counts: writer.counts };
  await session.query('insert into audit_entry (action, target, details) values ($1, $2, $3)', [
    auditAction,
    demoSource,
    JSON.stringify({ outcome: 'DONE', report }),
  ]);
  await progress.report('demo shop loaded', 1);
  return report;
}

function identityOf({ customers, seed, until, years, catalogue }: ShopPlan, currency: string): DemoIdentity {
  return { customers, seed, until: until.toISOString(), years, catalogue: catalogue.name, currency };
}

function sameShop(report: DemoReport, identity: DemoIdentity): boolean {
  return (Object.keys(identity) as (keyof DemoIdentity)[]).every((key) => report[key] === identity[key]);
}

/** The demo shop in the database. The audit log says which one it is; if that entry is gone, it is a demo shop all the same. */
async function findDemoShop(queryable: Queryable): Promise<{ exists: boolean; report?: DemoReport }> {
  if (!(await holdsDemo(queryable))) return { exists: false };
  const entries = await queryable.query<{ report: DemoReport }>(
    "select details -> 'report' as report from audit_entry where action = $1 order by id desc limit 1",
    [auditAction],
  );
  return { exists: true, report: entries[0]?.report };
}

function conflict(report: DemoReport | undefined): ClvError {
  const which = report
    ? `${counted(report.customers, 'customer')}, seed ${report.seed}, ${report.catalogue}, ${counted(report.years, 'year')}, until ${report.until.slice(0, 10)}`
    : 'of unknown origin';
  return new ClvError(
    'CONFLICT',
    `The database already holds another demo shop (${which}). Ask for that one, or replace it (--replace); ` +
      'replacing deletes its customers, orders, events and predictions.',
  );
}

/** Whether there are orders: the database may then be serving, and its tables must not be locked. */
async function hasOrders(queryable: Queryable): Promise<boolean> {
  const found = await queryable.query('select 1 from customer_order limit 1');
  return found.length > 0;
}

/** Computes the purchase days between two ANALYZEs: first the rows are new to the planner, then the days are. */
async function computePurchaseDays(queryable: Queryable, progress: ProgressReporter): Promise<void> {
  await progress.report('computing purchase days', 0.85);
  await queryable.query('analyze customer, customer_personal_data, product, customer_order, order_line');
  const ids = await queryable.query<{ id: string }>('select id from customer where source = $1', [demoSource]);
  await refreshPurchaseDays(
    queryable,
    ids.map(({ id }) => id),
  );
  await progress.report('analysing', 0.97);
  await queryable.query('analyze purchase_day, customer_summary, behavior_event');
}

async function deleteDemoShop(queryable: Queryable): Promise<void> {
  const demoCustomers = '(select id from customer where source = $1)';
  for (const statement of [
    `delete from explanation where customer_id in ${demoCustomers}`,
    `delete from prediction where customer_id in ${demoCustomers}`,
    `delete from behavior_event where source = $1`,
    `delete from campaign_member where customer_id in ${demoCustomers}`,
    `delete from customer where source = $1`,
    `delete from product where source = $1`,
  ]) {
    await queryable.query(statement, [demoSource]);
  }
}
