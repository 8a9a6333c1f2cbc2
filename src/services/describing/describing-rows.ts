import path from 'node:path';
import { ClvError } from '../../errors.js';
import { type CsvTable, openCsv } from '../ingestion/files/csv-table.js';
import { FileSource } from '../ingestion/files/file-source.js';
import type { Rejection } from '../ingestion/import.types.js';
import { withLineFeeds } from '../ingestion/files/line-ends.js';
import { hasColumn, locateColumns } from '../ingestion/mapping/mapping.js';
import type { Row } from '../ingestion/files/row-source.js';
import { TextDecoding } from '../ingestion/files/text-decoding.js';
import { instant, notAnIsoDate } from '../ingestion/dates.js';
import { Invalid } from '../ingestion/values.js';
import { type DescribeOptions, describingFields } from './describing.types.js';

/** A record and the picture or recording of it. */
export interface DescribingRow {
  readonly line: number;
  readonly externalId: string;
  readonly occurredAt: Date | null;
  /** Path as in the row. */
  readonly file: string;
  readonly absoluteFile: string;
}

type Mapped = Pick<DescribeOptions, 'path' | 'kind' | 'columns'>;

/**
 * Reads the rows of a CSV file, gzipped or not, in blocks.
 * @throws ClvError IMPORT_INVALID for a file that cannot be read, or lacks a column
 */
export async function* describingRows(options: Mapped): AsyncGenerator<readonly (DescribingRow | Rejection)[]> {
  refuseUnknown(options);
  const file = await FileSource.open(options.path);
  try {
    const decoding = new TextDecoding(options.path, 'auto');
    const table = await openCsv(options.path, decoding.lines(file.blocks()), {});
    const toRow = mapperOf(options, columnsOf(options, table.header), table.header);
    for await (const rows of rowsOf(table)) yield rows.map(toRow);
  } finally {
    file.close();
  }
}

async function* rowsOf({ reader, blocks }: CsvTable): AsyncGenerator<Row[]> {
  for await (const block of blocks) yield reader.push(withLineFeeds(block.toString('utf8')));
  yield reader.end();
}

function refuseUnknown({ kind, columns }: Mapped): void {
  const { required, optional } = describingFields[kind];
  const unknown = Object.keys(columns).find((field) => !required.includes(field) && !optional.includes(field));
  if (unknown !== undefined) {
    throw new ClvError(
      'IMPORT_INVALID',
      `Wrong mapping: ${unknown} is not a field of ${kind}; these are: ${[...required, ...optional].join(', ')}`,
    );
  }
}

/** The column of each field: by default that of the field's name. Optional fields may have none. */
function columnsOf({ kind, columns }: Mapped, header: readonly string[]): Record<string, string> {
  const { required, optional } = describingFields[kind];
  const own = [...required, ...optional.filter((field) => hasColumn(header, field))];
  return { ...Object.fromEntries(own.map((field) => [field, field])), ...columns };
}

function mapperOf(
  { path: csv, kind }: Mapped,
  columns: Readonly<Record<string, string>>,
  header: readonly string[],
): (row: Row) => DescribingRow | Rejection {
  const fields = describingFields[kind];
  const positions = locateColumns({ columns }, header, csv);
  const parseInstant = instant('iso', notAnIsoDate);
  return (row) => {
    const { line } = row;
    if (row.malformed) return { line, column: '', value: row.fields[0] ?? '', reason: row.malformed };
    const textOf = (field: string): string => row.fields[positions.get(field) ?? -1]?.trim() ?? '';
    const empty = fields.required.find((field) => textOf(field) === '');
    if (empty) return { line, column: columns[empty]!, value: '', reason: 'is empty' };
    const when = textOf('event.occurredAt');
    const at = when === '' ? null : parseInstant(when);
    if (at instanceof Invalid) return { line, column: columns['event.occurredAt']!, value: when, reason: at.reason };
    const externalId = textOf(fields.id);
    // Postgres refuses NUL characters even in a search.
    if (externalId.includes('\0')) {
      return { line, column: columns[fields.id]!, value: externalId, reason: 'holds a NUL character' };
    }
    const file = textOf(fields.file);
    return {
      line,
      externalId,
      occurredAt: at === null ? null : new Date(at),
      file,
      absoluteFile: path.resolve(path.dirname(csv), file),
    };
  };
}
