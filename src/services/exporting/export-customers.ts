import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import { inAbortableTransaction } from '../../database/abortable-transaction.js';
import { Segment } from '../../entities/index.js';
import { ClvError } from '../../errors.js';
import { globalIdText } from '../../global-id-text.js';
import { cents } from '../../math.js';
import { silentProgress } from '../../progress.js';
import { predictionInterval, tierOf } from '../predictions/customer-clv.js';
import { requireScoredBase } from '../scoring/scored-base.js';
import { countStatement, type ExportRow, type ExportSelection, exportStatement } from './export-statement.js';
import type { ExportedCustomer, ExportOptions, ExportReport } from './export.types.js';
import type { ExportTarget } from './export-target.js';
import { RowWriter } from './row-writer.js';

/** So many are in memory. */
const rowsAtOnce = 2_000;

const columns = [
  'id',
  'source',
  'externalId',
  'predicted',
  'lower',
  'upper',
  'purchaseProbability',
  'percentile',
  'tier',
  'basis',
  'asOf',
  'horizonDays',
];

/**
 * Writes customers with the values of the active model's last scoring of the whole base, as lists and segments show them:
 * one state of the database, in memory that does not grow with it.
 * @throws ClvError MODEL_NOT_READY before the base was scored; NOT_FOUND for an unknown segment; BAD_USER_INPUT for a wrong
 *   filter or a target that cannot be written; the signal's reason when aborted. The target is abandoned then.
 */
export async function exportCustomers(
  dataSource: DataSource,
  target: ExportTarget,
  options: ExportOptions,
): Promise<ExportReport> {
  const started = performance.now();
  const { signal = new AbortController().signal } = options;
  try {
    const report = await inAbortableTransaction(dataSource, signal, async (runner) => {
      const selection = await selectionOf(runner.manager, options);
      return { ...selection.period, ...(await writeAll(runner, target, selection, options)) };
    });
    await target.finish();
    const { customers, asOf, horizonDays, escapedTexts } = report;
    return { customers, asOf, horizonDays, escapedTexts, seconds: (performance.now() - started) / 1000 };
  } catch (error) {
    await target.abandon();
    throw error;
  }
}

async function writeAll(
  runner: QueryRunner,
  target: ExportTarget,
  selection: ExportSelection,
  { format, level, raw, progress = silentProgress, signal }: ExportOptions,
): Promise<Pick<ExportReport, 'customers' | 'escapedTexts'>> {
  const segments = selection.memberships.map(({ name }) => `segment:${name}`);
  const personal = selection.personalData ? ['name', 'email', 'phone'] : [];
  const writer = new RowWriter(format, [...columns, ...segments, ...personal], raw);
  await progress.report('selecting customers', 0);
  const counting = countStatement(selection);
  const [{ n }] = (await runner.query(counting.sql, counting.parameters)) as [{ n: number }];
  await target.write(writer.head());
  let customers = 0;
  for await (const rows of rowsOf(runner, selection)) {
    signal?.throwIfAborted();
    await target.write(writer.rows(rows.map((row) => exported(row, selection, level))));
    customers += rows.length;
    await progress.report('writing customers', customers / Math.max(n, 1));
  }
  return { customers, escapedTexts: writer.escaped };
}

/** By a cursor, which is planned for all rows, not for the first ones. */
async function* rowsOf(runner: QueryRunner, selection: ExportSelection): AsyncGenerator<ExportRow[]> {
  const { sql, parameters } = exportStatement(selection);
  await runner.query('set local cursor_tuple_fraction = 1');
  await runner.query(`declare exported no scroll cursor for ${sql}`, parameters);
  for (;;) {
    const rows = (await runner.query(`fetch ${rowsAtOnce} from exported`)) as ExportRow[];
    if (rows.length > 0) yield rows;
    if (rows.length < rowsAtOnce) return;
  }
}

/** Without a prediction: the value 0, in the lowest tier, as everywhere. */
function exported(row: ExportRow, { period, memberships }: ExportSelection, level: number): ExportedCustomer {
  const percentile = row.percentile ?? 0;
  return {
    id: globalIdText('Customer', row.id),
    source: row.source,
    externalId: row.externalId,
    predicted: cents(row.predicted ?? 0),
    ...(row.predicted === null ? { lower: 0, upper: 0 } : predictionInterval(row, level)),
    purchaseProbability: row.predicted === null ? 0 : row.purchaseProbability,
    percentile,
    tier: tierOf(percentile),
    basis: row.basis ?? 'NONE',
    asOf: period.asOf.toISOString(),
    horizonDays: period.horizonDays,
    ...Object.fromEntries(memberships.map(({ name }, i) => [`segment:${name}`, row.memberships[i] ?? false])),
    ...('name' in row && { name: row.name ?? null, email: row.email ?? null, phone: row.phone ?? null }),
  };
}

async function selectionOf(
  manager: EntityManager,
  { segment, filter, memberships, personalData }: ExportOptions,
): Promise<ExportSelection> {
  if (segment !== undefined && filter) {
    throw new ClvError('BAD_USER_INPUT', 'Give --segment or --filter, not both.');
  }
  const period = await requireScoredBase(manager);
  const chosen = segment === undefined ? null : await segmentCalled(manager, segment);
  const asked: Segment[] = [];
  for (const name of new Set(memberships)) asked.push(await segmentCalled(manager, name));
  return { period, filter: chosen?.filter ?? filter ?? null, memberships: asked, personalData };
}

async function segmentCalled(manager: EntityManager, name: string): Promise<Segment> {
  const segment = await manager.getRepository(Segment).findOneBy({ name });
  if (segment) return segment;
  throw new ClvError('NOT_FOUND', `There is no segment "${name}". Write its name as the API shows it.`);
}
