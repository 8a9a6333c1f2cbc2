export const lineFeed = 0x0a;
export const carriageReturn = 0x0d;

/** Position after the line's end. */
export function endOfLine(block: Buffer, start: number): number {
  const found = block.indexOf(lineFeed, start);
  return found < 0 ? block.length : found + 1;
}

/** Line ends of every sort as `\n`. */
export const withLineFeeds = (text: string): string => (text.includes('\r') ? text.replaceAll(/\r\n?/g, '\n') : text);
