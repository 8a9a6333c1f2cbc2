import { currencyPattern } from '../../currency.js';
import { grouped } from '../../text.js';

/** Why a value is refused. */
export class Invalid {
  constructor(readonly reason: string) {}
}

/** Turns a file's text into one that Postgres reads; the given text is trimmed and not empty. */
export type ValueParser = (text: string) => string | Invalid;

/** Larger than any real quantity or amount; sums of thousands of them are far from overflowing a column. */
export const maximumQuantity = 1_000_000;
export const maximumAmount = 10_000_000_000;

/** Reasons name the limit, which whoever sends the value cannot look up. */
const within = (maximum: number): string => `between -${grouped(maximum)} and ${grouped(maximum)}`;
export const quantityOutOfRange = new Invalid(`is not ${within(maximumQuantity)}`);
export const amountOutOfRange = new Invalid(`is not ${within(maximumAmount)}`);
/** The reason where the amount of a line, quantity times price, is too large. */
export const makesAmountOutOfRange = `makes an amount that is not ${within(maximumAmount)}`;
export const notWhole = new Invalid('is not a whole number');
export const notBoolean = new Invalid('is neither true nor false');
const otherCurrency = new Invalid('has another sign of a currency than amounts above');
const notACurrency = new Invalid('is not a currency code of three letters');

/** Characters of texts that are indexed: an index takes no longer ones. */
export const maximumIdLength = 500;

/** Characters of names and addresses, which are searched for in all that the customer wrote. */
export const maximumNameLength = 1_000;

/** Characters of free texts. A model reads the first 400; a page of much longer ones would fill a process's memory. */
export const maximumTextLength = 100_000;

/** Characters of all attributes of a record together, as JSON. */
export const maximumAttributesLength = 20_000;

const upTo =
  (length: number): ValueParser =>
  (value) =>
    value.length <= length ? value : new Invalid(`is longer than ${length} characters`);

/** What spreadsheets make of a long number (of 2000000012345 `2E+12`): ids that differ in their last digits would become one. */
const shortenedNumber = /^\d([.,]\d+)?E\+\d+$/i;
const isShortened = new Invalid(
  'is a long number that a spreadsheet has shortened: export the file again, and open it in none',
);

const shortId = upTo(maximumIdLength);
export const id: ValueParser = (value) => (shortenedNumber.test(value) ? isShortened : shortId(value));
export const name = upTo(maximumNameLength);
export const text = upTo(maximumTextLength);

export const currency: ValueParser = (value) => {
  const code = value.toUpperCase();
  return currencyPattern.test(code) ? code : notACurrency;
};

export const boolean: ValueParser = (value) => {
  const word = value.toLowerCase();
  if (['true', 't', 'yes', 'y', '1'].includes(word)) return 'true';
  if (['false', 'f', 'no', 'n', '0'].includes(word)) return 'false';
  return notBoolean;
};

export const noneOf = (values: readonly string[]): Invalid => new Invalid(`is none of ${values.join(', ')}`);

/** @param hint of what may be done about other values */
export const oneOf =
  (values: readonly string[], hint = ''): ValueParser =>
  (value) => {
    const constant = value.toUpperCase().replaceAll(/[\s-]+/g, '_');
    return values.includes(constant) ? constant : new Invalid(noneOf(values).reason + hint);
  };

/** Signs of currencies that are letters, or have some. A single letter may mean thousands. */
const lettered = ['[A-Z]{1,2}\\$', 'kr\\.?', 'zł', 'Kč', 'Ft', 'lei', 'Rs\\.?', 'Rp', 'RM', 'TL', '円', '元', '원'];
const sign = `(?:\\p{Sc}|${lettered.join('|')}|${Intl.supportedValuesOf('currency').join('|')})`;
/** A currency's sign or code at either end of an amount. */
const currencySign = new RegExp(`(?<=^[+\\u2212-]?)${sign}\\s*|\\s*${sign}$`, 'u');
const inParentheses = /^\((.*)\)$/;
/** A minus at the end, as SAP writes it. */
const minusBehind = /^([^+-].*)-$/;
/** Also of the minus sign of typography (U+2212), which JavaScript writes in Swedish and Norwegian. */
const minusBefore = (value: string): string => value.replace('\u2212', '-').replace(minusBehind, '-$1');
/** As R writes 100,000 (`1e+05`), and pandas a rounding error in place of 0 (`1.8e-15`). */
const scientific = /^[+-]?\d([.,]\d+)?e[+-]?\d{1,3}$/i;
/** More decimals than a column keeps. */
const decimalPlaces = 6;

export function decimal(decimalComma: boolean): ValueParser {
  const notANumber = new Invalid(
    decimalComma
      ? 'is not a number such as 1.234,50, which --decimal-comma stands for'
      : 'is not a number such as 1,234.50 (--decimal-comma reads 1.234,50)',
  );
  // Groups of thousands do not begin with 0: with a decimal comma `0.500`, which others write for a half, is refused.
  // Indians write 1,23,456.00.
  const pattern = decimalComma
    ? /^[+-]?((\d+|[1-9]\d{0,2}([.'’\s]\d{3})+)(,\d+)?|,\d+)$/
    : /^[+-]?((\d+|[1-9]\d{0,2}([,'’\s]\d{3})+|[1-9]\d?(,\d{2})+,\d{3})(\.\d+)?|\.\d+)$/;
  const grouping = decimalComma ? /[.'’\s]/g : /[,'’\s]/g;
  let known: string | undefined;
  // The currency is said by other columns; but amounts with different signs must not be added up.
  const withoutSign = (value: string): string | Invalid => {
    const [outside = ''] = currencySign.exec(value) ?? [];
    const signed = minusBefore(value.replace(outside, '').replace(inParentheses, '-$1'));
    const [found = ''] = outside ? [outside] : (currencySign.exec(signed) ?? []);
    const number = outside ? signed : signed.replace(found, '');
    if (!pattern.test(number)) return notANumber;
    return found && found.trim() !== (known ??= found.trim()) ? otherCurrency : number;
  };
  const inRange = (plain: string) => (Math.abs(Number(plain)) < maximumAmount ? plain : amountOutOfRange);
  return (value) => {
    if (scientific.test(value)) return inRange(Number(value.replace(',', '.')).toFixed(decimalPlaces));
    const number = pattern.test(value) ? value : withoutSign(value);
    return number instanceof Invalid ? number : inRange(number.replace(grouping, '').replace(',', '.'));
  };
}

/** Groups of thousands where decimals have a comma: `1.000` is a thousand then. */
const inThousands = /^[+-]?[1-9]\d{0,2}(\.\d{3})+(?=,|$)/;
const withDecimalPoint = (value: string): string =>
  value.replace(inThousands, (whole) => whole.replaceAll('.', '')).replace(',', '.');

export const wholeNumber =
  (decimalComma: boolean): ValueParser =>
  (value) => {
    const signed = minusBefore(value);
    const plain = decimalComma ? withDecimalPoint(signed) : signed;
    const number = Number(plain);
    if (!/^[+-]?\d+(\.0+)?$/.test(plain) && !(scientific.test(plain) && Number.isInteger(number))) return notWhole;
    return Math.abs(number) <= maximumQuantity ? String(number) : quantityOutOfRange;
  };
