import { basename } from 'node:path';
import type { DataSource } from 'typeorm';
import { partOf, silentProgress } from '../../progress.js';
import { readCdnow } from './files/cdnow-reader.js';
import { type CsvTable, openCsv } from './files/csv-table.js';
import { FileSource } from './files/file-source.js';
import { mergeStaged } from './merge/import-merge.js';
import { prepareStagedEntities } from './staging/import-preparation.js';
import type { ImportMapping, ImportOptions, ImportReport } from './import.types.js';
import { IngestionSession } from './ingestion-session.js';
import { likelyMistakes } from './mistakes/likely-mistakes.js';
import { refuseOtherDateFormat, refuseYearsInTwoDigits } from './mistakes/other-date-format.js';
import { findStatusColumn } from './mistakes/status-column.js';
import { lackingColumns, locateColumns, locateOnly, parseMapping } from './mapping/mapping.js';
import { eventPartitions } from './merge/events.js';
import { Rejections } from './staging/rejections.js';
import { RowFilter } from './mapping/row-filter.js';
import { RowMapper } from './mapping/row-mapper.js';
import type { RowSource } from './files/row-source.js';
import { sourceName } from './source-name.js';
import { createStagingTable, stageRows } from './staging/staging.js';
import { TextDecoding } from './files/text-decoding.js';

/** Reading's share of the whole time, roughly. */
const readingShare = 0.3;

/**
 * Loads a file of customers, products, orders, order lines or events. Invalid rows are listed and left out. The rest is written in one
 * transaction: after a crash either all of it is there or none. Loading the same file again changes nothing.
 * @throws ClvError IMPORT_INVALID for an unreadable file, a wrong mapping, a header that lacks a mapped column, dates
 *   most of which are of another format, a list of rejected rows that cannot be written; BAD_USER_INPUT for a wrong source; RUN_CANCELLED after an abort;
 *   DATABASE_UNAVAILABLE when the connection is lost
 */
export async function importFile(dataSource: DataSource, options: ImportOptions): Promise<ImportReport> {
  const mapping = parseMapping(options.mapping);
  const source = sourceName(options.source);
  const rejections = await Rejections.at(options.rejectionsPath, basename(options.path), 'Nothing was imported.');
  const file = await FileSource.open(options.path);
  try {
    const decoding = new TextDecoding(options.path, mapping.encoding ?? 'auto');
    const rows = await rowsOf(options.path, mapping, file, decoding);
    const positions = locateColumns(mapping, rows.header, options.path);
    const mapper = new RowMapper(mapping, positions, rows.header);
    const filter = filterOf(mapping, locateOnly(mapping, rows.header, options.path), positions);
    const report = await IngestionSession.use(dataSource, options.signal, (session) =>
      withStagingArea(session, () =>
        load(session, { ...options, mapping, source, file, rows, mapper, filter, rejections }),
      ),
    );
    await rejections.removeOld();
    return { ...report, linesInWindows1252: decoding.linesInWindows1252 };
  } finally {
    file.close();
    rejections.close();
  }
}

async function rowsOf(
  path: string,
  mapping: ImportMapping,
  file: FileSource,
  decoding: TextDecoding,
): Promise<RowSource | CsvTable> {
  const lines = decoding.lines(file.blocks());
  return mapping.layout === 'cdnow'
    ? readCdnow(lines)
    : openCsv(path, lines, mapping, (header) => lackingColumns(mapping, header));
}

function filterOf(
  { kind, only }: ImportMapping,
  onlyPositions: readonly number[],
  positions: ReadonlyMap<string, number>,
): RowFilter | null {
  return only
    ? new RowFilter(only, onlyPositions, kind === 'order-lines' ? positions.get('order.externalId') : undefined)
    : null;
}

/** Afterwards leaves the pooled connection as it was. */
async function withStagingArea<T>(session: IngestionSession, work: () => Promise<T>): Promise<T> {
  try {
    await session.query(`set work_mem = '128MB'`);
    return await work();
  } finally {
    // Fails only where the connection is lost, and then nothing is left to be tidied.
    await session.query('discard temporary').catch(() => undefined);
    await session.query('reset work_mem').catch(() => undefined);
  }
}

interface Load extends ImportOptions {
  readonly file: FileSource;
  readonly rows: RowSource | CsvTable;
  readonly mapper: RowMapper;
  readonly filter: RowFilter | null;
  readonly rejections: Rejections;
}

async function load(session: IngestionSession, given: Load): Promise<Omit<ImportReport, 'linesInWindows1252'>> {
  const { mapping, file, mapper, filter, rejections, signal, source } = given;
  const { kind } = mapping;
  const progress = given.progress ?? silentProgress;
  const started = performance.now();
  await createStagingTable(session, kind);
  const staged = await stageRows(session, given.rows, { kind, mapper, filter, rejections }, () => {
    signal?.throwIfAborted();
    return progress.report('reading', readingShare * file.fraction);
  });
  const columnOf = (field: string) => mapper.columnOf(field);
  await prepareStagedEntities(session, kind, { ...staged, columnOf }, rejections);
  // If the list of rejected rows cannot be completed, nothing is written.
  await rejections.finish();
  const rowsAccepted = staged.rowsRead - staged.rowsLeftOut - rejections.count;
  const { dateFormat } = mapping;
  refuseOtherDateFormat(given.path, { dateFormat, rejections: rejections.byReason, rowsAccepted });
  refuseYearsInTwoDigits(given.path, { rejections: rejections.byReason, rowsAccepted });
  if (kind === 'events') await session.query(eventPartitions('select occurred_at from staged_event'));
  const readingSeconds = secondsSince(started);
  const counts = await session.transaction(async () => {
    signal?.throwIfAborted();
    return mergeStaged(session, kind, {
      source,
      currency: mapping.currency ?? given.currency,
      isCurrencyOfAll: isCurrencyOfAll(mapping),
      progress: partOf(progress, readingShare, 1),
    });
  });
  await progress.report('done', 1);
  const seconds = secondsSince(started);
  return {
    file: given.path,
    kind,
    rowsRead: staged.rowsRead,
    rowsAccepted,
    rowsRejected: rejections.count,
    rowsLeftOut: staged.rowsLeftOut,
    leftOut: Object.fromEntries(filter?.leftOut ?? []),
    rejections: rejections.byReason,
    statusColumn: findStatusColumn(mapping, given.rows.header),
    ...counts,
    ...(await likelyMistakes(session, { kind, source, rowsAccepted, ...counts })),
    seconds,
    readingSeconds,
    rowsPerSecond: Math.round(staged.rowsRead / seconds),
  };
}

/** Whether the mapping's currency is that of the whole file. With a column for it, it is only that of new orders whose field is empty. */
const isCurrencyOfAll = ({ currency, columns }: ImportMapping): boolean =>
  currency !== undefined && !('order.currency' in columns);

const secondsSince = (start: number): number => (performance.now() - start) / 1000;
