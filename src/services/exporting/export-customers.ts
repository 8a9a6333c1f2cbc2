import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import { inAbortableTransaction } from '../../database/abortable-transaction.js';
import { Segment } from '../../entities/index.js';
import { ClvError } from '../../errors.js';
import { silentProgress } from '../../progress.js';
import { OrderCurrencies } from '../customers/order-currencies.js';
import { findHistories, noHistory } from '../customers/purchase-histories.js';
import { countStatement, type ExportRow, type ExportSelection, exportStatement } from './export-statement.js';
import type { ExportOptions, ExportReport } from './export.types.js';
import type { ExportTarget } from './export-target.js';
import { exportedColumns, exportedCustomer } from './exported-customer.js';
import { exportedPeriod } from './exported-period.js';
import { RowWriter } from './row-writer.js';

/** Rows that are read at a time. */
const rowsAtOnce = 2_000;

/**
 * Writes customers with the values of a scoring of the whole base, by default that of lists and segments. It reads one state of the
 * database, in memory that does not grow with it.
 * @throws ClvError MODEL_NOT_READY where the base was not scored so; NOT_FOUND for an unknown segment or model; BAD_USER_INPUT
 *   for a wrong filter or a target that cannot be written; the signal's reason when aborted. The target is abandoned then.
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
  { format, level, currency: fallback, raw, progress = silentProgress, signal }: ExportOptions,
): Promise<Pick<ExportReport, 'customers' | 'escapedTexts'>> {
  const segments = selection.memberships.map(({ name }) => `segment:${name}`);
  const personal = selection.personalData ? ['name', 'email', 'phone'] : [];
  const writer = new RowWriter(format, [...exportedColumns, ...segments, ...personal], raw);
  await progress.report('selecting customers', 0);
  const counting = countStatement(selection);
  const [{ n }] = (await runner.query(counting.sql, counting.parameters)) as [{ n: number }];
  await target.write(writer.head());
  const currency = await new OrderCurrencies(runner, fallback).ofPredictions();
  const frame = { ...selection, currency, level };
  let customers = 0;
  for await (const rows of rowsOf(runner, selection)) {
    signal?.throwIfAborted();
    const ids = rows.map(({ id }) => id);
    const histories = await findHistories(runner, ids, selection.period.asOf);
    await target.write(
      writer.rows(rows.map((row) => exportedCustomer(row, histories.get(row.id) ?? noHistory, frame))),
    );
    customers += rows.length;
    await progress.report('writing customers', customers / Math.max(n, 1));
  }
  return { customers, escapedTexts: writer.escaped };
}

/** Reads by a cursor, with a plan for all rows rather than for the first ones. */
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

async function selectionOf(
  manager: EntityManager,
  { scoring, segment, filter, memberships, personalData }: ExportOptions,
): Promise<ExportSelection> {
  if (segment !== undefined && filter) {
    throw new ClvError('BAD_USER_INPUT', 'Give --segment or --filter, not both.');
  }
  const period = await exportedPeriod(manager, scoring);
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
