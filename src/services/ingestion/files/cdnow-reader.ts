import { withLineFeeds } from './line-ends.js';
import type { Row, RowSource } from './row-source.js';

const header = ['customer_id', 'date', 'number_of_cds', 'dollar_value'];

/**
 * Reads CDNOW's two layouts: columns separated by whitespace, header line optional. Master: customer id, date (YYYYMMDD), CDs, dollars.
 * Sample: the same, with the id within the sample as second column, which is ignored.
 * @param blocks whole lines of UTF-8
 */
export function readCdnow(blocks: AsyncIterable<Buffer>): RowSource {
  return { header, batches: batches(blocks) };
}

async function* batches(blocks: AsyncIterable<Buffer>): AsyncGenerator<readonly Row[]> {
  let line = 1;
  for await (const block of blocks) {
    // What follows the last line end is empty.
    const lines = withLineFeeds(block.toString('utf8')).split('\n').slice(0, -1);
    yield lines.flatMap((content) => rowOf(content, line++));
  }
}

function rowOf(content: string, line: number): Row[] {
  const columns = content.trim().split(/\s+/);
  const isHeader = line === 1 && columns[0] === header[0];
  if (columns[0] === '' || isHeader) return [];
  return [{ line, fields: columns.length === 5 ? columns.toSpliced(1, 1) : columns }];
}
