import type { Row, RowSource } from './row-source.js';

const header = ['customer_id', 'date', 'number_of_cds', 'dollar_value'];

/**
 * Reads CDNOW's two layouts, columns parted by whitespace, header line optional. Master: customer id, date
 * (YYYYMMDD), CDs, dollars. Sample: the same with the id within the sample, which is left out, as second column.
 * @param text lines ended by `\n`, cut anywhere
 */
export function readCdnow(text: AsyncIterable<string>): RowSource {
  return { header, batches: batches(text) };
}

async function* batches(text: AsyncIterable<string>): AsyncGenerator<readonly Row[]> {
  let pending = '';
  let line = 1;
  for await (const block of text) {
    const lines = (pending + block).split('\n');
    pending = lines.pop()!;
    yield lines.flatMap((content) => rowOf(content, line++));
  }
  yield rowOf(pending, line);
}

function rowOf(content: string, line: number): Row[] {
  const columns = content.trim().split(/\s+/);
  const isHeader = line === 1 && columns[0] === header[0];
  if (columns[0] === '' || isHeader) return [];
  return [{ line, fields: columns.length === 5 ? columns.toSpliced(1, 1) : columns }];
}
