import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import { CopyBuffer } from './copy-buffer.js';
import type { CsvTable } from '../files/csv-table.js';
import { attributesColumn, type Field, fields, kindFields } from '../mapping/fields.js';
import type { ImportKind, Rejection } from '../import.types.js';
import type { IngestionSession } from '../ingestion-session.js';
import { endOfLine, withLineFeeds } from '../files/line-ends.js';
import { OrderRuns } from './order-runs.js';
import { PlainRows } from '../mapping/plain-rows.js';
import type { Rejections } from './rejections.js';
import type { RowFilter } from '../mapping/row-filter.js';
import type { RowMapper } from '../mapping/row-mapper.js';
import type { Row, RowSource } from '../files/row-source.js';

export interface StagedRows {
  readonly rowsRead: number;
  readonly rowsLeftOut: number;
  /** Whether the lines of every order are known to be consecutive. */
  readonly ordersAreWhole: boolean;
}

/**
 * Makes the temporary table `staged_row` of the session, with every column that the kind may have. Order lines also have the numbers of
 * `OrderRuns`.
 */
export async function createStagingTable(session: IngestionSession, kind: ImportKind): Promise<void> {
  const { required, optional, attributes } = kindFields[kind];
  const columns: Pick<Field, 'column' | 'type'>[] = [...required, ...optional].map((name) => fields[name]!);
  if (attributes !== undefined) columns.push({ column: attributesColumn, type: 'jsonb' });
  const definitions = columns.map(({ column, type }) => `${column} ${type}`);
  if (kind === 'order-lines') definitions.push('order_number integer', 'line_number integer');
  await session.query(`create temporary table staged_row (line integer, ${definitions.join(', ')})`);
}

interface Staging {
  readonly kind: ImportKind;
  readonly mapper: RowMapper;
  /** Null where no row is left out. */
  readonly filter: RowFilter | null;
  readonly rejections: Rejections;
}

/**
 * Copies valid rows into `staged_row`, and lists the others as rejected. Reading waits for Postgres, so that memory stays bounded.
 * @param onBatch called after each batch of rows
 */
export async function stageRows(
  session: IngestionSession,
  rows: RowSource | CsvTable,
  { kind, mapper, filter, rejections }: Staging,
  onBatch: () => void | Promise<void>,
): Promise<StagedRows> {
  const stager = new RowStager(mapper, filter, kind === 'order-lines');
  const numbers = kind === 'order-lines' ? ['order_number', 'line_number'] : [];
  const columns = [...mapper.stagingColumns, ...numbers];
  const copy = session.client.query(copyFrom(`copy staged_row (${columns.join(', ')}) from stdin`));
  const steps = 'batches' in rows ? stager.batches(rows) : stager.blocks(rows);
  await pipeline(async function* () {
    for await (const _ of steps) {
      await rejections.add(stager.rejected.splice(0));
      if (stager.output.length > 0) yield stager.output.take();
      await onBatch();
    }
  }, copy);
  return { rowsRead: stager.rowsRead, rowsLeftOut: stager.leftOut, ordersAreWhole: stager.runs.ascend };
}

/** Turns rows into COPY text in `output`, or into `rejected`, batch by batch. */
class RowStager {
  readonly output = new CopyBuffer();
  readonly rejected: Rejection[] = [];
  readonly runs = new OrderRuns();
  leftOut = 0;
  private plain: PlainRows | null = null;
  private mapped = 0;

  constructor(
    private readonly mapper: RowMapper,
    private readonly filter: RowFilter | null,
    private readonly numbersOrders: boolean,
  ) {}

  get rowsRead(): number {
    return this.mapped + (this.plain?.count ?? 0);
  }

  async *batches({ batches }: RowSource): AsyncGenerator<void> {
    for await (const rows of batches) {
      for (const row of rows) this.map(row);
      yield;
    }
  }

  async *blocks({ reader, blocks }: CsvTable): AsyncGenerator<void> {
    const table = this.filter ? null : this.mapper.plainTable(reader.delimiter);
    this.plain = table && new PlainRows(table, this.output, this.runs);
    for await (const block of blocks) {
      for (let at = 0; at < block.length;) at = this.takeSome(block, at, reader);
      yield;
    }
    for (const row of reader.end()) this.map(row);
    yield;
  }

  /** @returns the position up to which the block was read */
  private takeSome(block: Buffer, from: number, reader: CsvTable['reader']): number {
    if (!this.plain) return this.push(block, from, block.length, reader);
    if (!reader.isIdle) return this.push(block, from, endOfLine(block, from), reader);
    this.plain.line = reader.line;
    const at = this.plain.take(block, from);
    reader.line = this.plain.line;
    if (at === block.length) return at;
    const end = endOfLine(block, at);
    const row = reader.single(block.toString('utf8', at, end).replace(/\r?\n$/, ''));
    if (!row) return this.push(block, at, end, reader);
    if (row !== 'empty') this.map(row);
    return end;
  }

  /** @returns the end */
  private push(block: Buffer, from: number, end: number, reader: CsvTable['reader']): number {
    for (const row of reader.push(withLineFeeds(block.toString('utf8', from, end)))) this.map(row);
    return end;
  }

  private map(row: Row): void {
    this.mapped++;
    if (this.filter && !this.filter.takes(row)) {
      this.leftOut++;
      return;
    }
    const mapped = this.mapper.map(row);
    if (typeof mapped !== 'string') {
      this.rejected.push(mapped);
      return;
    }
    if (!this.numbersOrders) return this.output.append(mapped);
    const id = Buffer.from(this.mapper.orderIdOf(row));
    this.runs.next(id, 0, id.length);
    this.output.append(`${mapped.slice(0, -1)}\t${this.runs.order}\t${this.runs.line}\n`);
  }
}
