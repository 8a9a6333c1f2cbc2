import { currencyPattern } from '../../currency.js';
import { grouped } from '../../text.js';

/** Why a value cannot be taken. */
export class Invalid {
  constructor(readonly reason: string) {}
}

/** Turns a file's text into Postgres's; the text is trimmed and not empty. */
export type ValueParser = (text: string) => string | Invalid;

/** Wider than any real quantity or amount, and far from overflowing a column when thousands of them are added up. */
export const maximumQuantity = 1_000_000;
export const maximumAmount = 10_000_000_000;

/** Such reasons say the limit, which whoever sends the value cannot look up. */
const within = (maximum: number): string => `between -${grouped(maximum)} and ${grouped(maximum)}`;
export const quantityOutOfRange = new Invalid(`is not ${within(maximumQuantity)}`);
export const amountOutOfRange = new Invalid(`is not ${within(maximumAmount)}`);
/** Of a line, by its quantity and price. */
export const makesAmountOutOfRange = `makes an amount that is not ${within(maximumAmount)}`;
export const notWhole = new Invalid('is not a whole number');
export const notBoolean = new Invalid('is neither true nor false');
const otherCurrency = new Invalid('has another sign of a currency than amounts above');
const notACurrency = new Invalid('is not a currency code of three letters');

/** Of what is indexed: an index takes no longer ones. */
export const maximumIdLength = 500;

/** Of names and addresses: they are looked for in whatever the customer wrote. */
export const maximumNameLength = 1_000;

/** Of free texts, of which a model reads the first 400 characters: a page of very long ones is more than a process can hold. */
export const maximumTextLength = 100_000;

/** Of all attributes of a record together, as JSON. */
export const maximumAttributesLength = 20_000;

const upTo =
  (length: number): ValueParser =>
  (value) =>
    value.length <= length ? value : new Invalid(`is longer than ${length} characters`);

/** What spreadsheets make of a long number (of 2000000012345 `2E+12`): ids that differ in their last digits would be one. */
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

export const oneOf =
  (values: readonly string[]): ValueParser =>
  (value) => {
    const constant = value.toUpperCase().replaceAll(/[\s-]+/g, '_');
    return values.includes(constant) ? constant : noneOf(values);
  };

/** At either end of an amount, as tills and shops write it. */
const currencySign = /(?<=^[+-]?)\p{Sc}\s*|\s*\p{Sc}$/u;
const inParentheses = /^\((.*)\)$/;
/** As SAP writes it. */
const minusBehind = /^([^+-].*)-$/;
const minusBefore = (value: string): string => value.replace(minusBehind, '-$1');
/** As R writes 100,000 (`1e+05`), and pandas what rounding leaves of 0 (`1.8e-15`). */
const scientific = /^[+-]?\d([.,]\d+)?e[+-]?\d{1,3}$/i;
/** More than a column keeps. */
const decimalPlaces = 6;

export function decimal(decimalComma: boolean): ValueParser {
  const notANumber = new Invalid(
    decimalComma
      ? 'is not a number such as 1.234,50, which --decimal-comma stands for'
      : 'is not a number such as 1,234.50 (--decimal-comma reads 1.234,50)',
  );
  // Thousands begin with no 0: `0.500`, where decimals stand behind a comma, is half of one as others write it.
  const pattern = decimalComma
    ? /^[+-]?((\d+|[1-9]\d{0,2}([.'’\s]\d{3})+)(,\d+)?|,\d+)$/
    : /^[+-]?((\d+|[1-9]\d{0,2}([,'’\s]\d{3})+)(\.\d+)?|\.\d+)$/;
  const grouping = decimalComma ? /[.'’\s]/g : /[,'’\s]/g;
  let sign: string | undefined;
  // Which currency it is, other columns say; but amounts of several would be added as they stand.
  const withoutSign = (value: string): string | Invalid => {
    const signed = minusBefore(value.replace(inParentheses, '-$1'));
    const [found] = currencySign.exec(signed) ?? [];
    const number = found === undefined ? signed : signed.replace(found, '');
    if (!pattern.test(number)) return notANumber;
    return found !== undefined && found.trim() !== (sign ??= found.trim()) ? otherCurrency : number;
  };
  const inRange = (plain: string) => (Math.abs(Number(plain)) < maximumAmount ? plain : amountOutOfRange);
  return (value) => {
    if (scientific.test(value)) return inRange(Number(value.replace(',', '.')).toFixed(decimalPlaces));
    const number = pattern.test(value) ? value : withoutSign(value);
    return number instanceof Invalid ? number : inRange(number.replace(grouping, '').replace(',', '.'));
  };
}

/** `1.000` where decimals stand behind a comma, which elsewhere is 1. */
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
