export const lineFeed = 0x0a;
export const carriageReturn = 0x0d;

/** Just behind the line's end. */
export function endOfLine(block: Buffer, start: number): number {
  const found = block.indexOf(lineFeed, start);
  return found < 0 ? block.length : found + 1;
}

/** Line ends of every sort as `\n`. */
export const withLineFeeds = (text: string): string => (text.includes('\r') ? text.replaceAll(/\r\n?/g, '\n') : text);

/** The same of a text that comes in pieces. */
export async function* piecesWithLineFeeds(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let heldReturn = '';
  for await (const piece of pieces) {
    // A \r at the end may be the first half of a \r\n.
    const text = heldReturn + piece;
    heldReturn = text.endsWith('\r') ? '\r' : '';
    yield withLineFeeds(heldReturn ? text.slice(0, -1) : text);
  }
  if (heldReturn) yield '\n';
}
