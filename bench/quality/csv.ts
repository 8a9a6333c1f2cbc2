import { readFile } from 'node:fs/promises';
import Papa from 'papaparse';
import { ClvError } from '../../src/errors.js';

export type Cell = string | number | null;

/** RFC 4180 with a header line; null is an empty cell. */
export function toCsv(columns: readonly string[], rows: Iterable<readonly Cell[]>): string {
  const lines = [columns.map(cellText).join(',')];
  for (const row of rows) lines.push(row.map(cellText).join(','));
  return `${lines.join('\n')}\n`;
}

function cellText(cell: Cell): string {
  if (typeof cell !== 'string') return cell === null ? '' : String(cell);
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** A file in columns. */
export class Table {
  private constructor(
    private readonly path: string,
    private readonly positions: ReadonlyMap<string, number>,
    private readonly rows: readonly string[][],
  ) {}

  /** @throws ClvError IMPORT_INVALID for rows of another length than the header */
  static async read(path: string): Promise<Table> {
    const { data } = Papa.parse<string[]>(await readFile(path, 'utf8'), { skipEmptyLines: true });
    const [header = [], ...rows] = data;
    const wrong = rows.findIndex((row) => row.length !== header.length);
    if (wrong >= 0) {
      throw new ClvError('IMPORT_INVALID', `${path}, row ${wrong + 1}: ${header.length} cells were to be expected.`);
    }
    return new Table(path, new Map(header.map((name, position) => [name, position])), rows);
  }

  get length(): number {
    return this.rows.length;
  }

  has(name: string): boolean {
    return this.positions.has(name);
  }

  texts(name: string): string[] {
    const position = this.positions.get(name);
    if (position === undefined) throw new ClvError('IMPORT_INVALID', `${this.path} has no column "${name}".`);
    return this.rows.map((row) => row[position]!);
  }

  /** NaN for empty cells. */
  numbersOrMissing(name: string): Float64Array {
    return Float64Array.from(this.texts(name), (text) => (text === '' ? NaN : Number(text)));
  }

  /** @throws ClvError IMPORT_INVALID for cells that are no finite numbers, empty ones included */
  numbers(name: string): Float64Array {
    return Float64Array.from(this.texts(name), (text, row) => {
      const value = text === '' ? NaN : Number(text);
      if (Number.isFinite(value)) return value;
      throw new ClvError('IMPORT_INVALID', `${this.path}, row ${row + 1}, ${name}: "${text}" is no number.`);
    });
  }
}
