const space = 0x20;
const comma = 0x2c;
const minus = 0x2d;
const point = 0x2e;
const zero = 0x30;
const colon = 0x3a;
const capitalE = 0x45;
const capitalT = 0x54;
const smallE = 0x65;
const daysOfMonths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const firstYear = 1970;
/** Most digits before the decimal point, so that numbers are far from the bounds of `values.ts`. */
const wholeDigits = 6;
const decimalDigits = 9;

/**
 * The integer part of the number in `bytes[start, end)`, without its sign; -1 if it is not written in the most usual way.
 */
export function plainNumber(bytes: Buffer, start: number, end: number, decimal: boolean): number {
  const from = bytes[start] === minus ? start + 1 : start;
  let at = from;
  let size = 0;
  for (; at < end && isDigit(bytes[at]!); at++) size = size * 10 + bytes[at]! - zero;
  if (at === from || at - from > (decimal ? decimalDigits : wholeDigits)) return -1;
  if (at === end) return size;
  if (!decimal || bytes[at] !== point) return -1;
  const fraction = at + 1;
  for (at = fraction; at < end && isDigit(bytes[at]!); at++);
  return at === end && at > fraction && at - fraction <= decimalDigits ? size : -1;
}

/**
 * Whether `bytes[start, end)` is `yyyy-mm-dd`, with or without ` hh:mm` and `:ss` (or with a `T`), in UTC.
 * @param before as yyyymmdd: only earlier days are taken
 */
export function isPlainInstant(bytes: Buffer, start: number, end: number, before: number): boolean {
  const length = end - start;
  if (length !== 10 && length !== 16 && length !== 19) return false;
  if (bytes[start + 4] !== minus || bytes[start + 7] !== minus) return false;
  const year = pair(bytes, start) * 100 + pair(bytes, start + 2);
  const month = pair(bytes, start + 5);
  const day = pair(bytes, start + 8);
  // Anything but two digits is NaN, for which all comparisons are false.
  if (!(year >= firstYear && month >= 1 && month <= 12 && day >= 1)) return false;
  if (day > (month === 2 && isLeap(year) ? 29 : daysOfMonths[month - 1]!)) return false;
  if (!((year * 100 + month) * 100 + day < before)) return false;
  if (length === 10) return true;
  if ((bytes[start + 10] !== space && bytes[start + 10] !== capitalT) || bytes[start + 13] !== colon) return false;
  if (!(pair(bytes, start + 11) <= 23 && pair(bytes, start + 14) <= 59)) return false;
  return length === 16 || (bytes[start + 16] === colon && pair(bytes, start + 17) <= 59);
}

/** By the length of a plain instant: what completes it, that is, missing seconds and the zone. */
export const utcOf: Readonly<Record<number, Buffer>> = {
  10: Buffer.from(' 00:00:00Z'),
  16: Buffer.from(':00Z'),
  19: Buffer.from('Z'),
};

/** Whether, by its second byte, an id may be a long number that a spreadsheet has turned into `5.8E+18` or `2E+12`. */
export const mayBeShortened = (byte: number): boolean =>
  byte === point || byte === comma || byte === capitalE || byte === smallE;

const isDigit = (byte: number): boolean => byte >= zero && byte <= zero + 9;

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

/** Two digits as a number; NaN for anything else. */
function pair(bytes: Buffer, at: number): number {
  const tens = bytes[at]!;
  const ones = bytes[at + 1]!;
  return isDigit(tens) && isDigit(ones) ? (tens - zero) * 10 + ones - zero : NaN;
}
