import { currencyPattern } from '../../currency.js';
import { dayMs } from '../../days.js';
import { grouped } from '../../text.js';
import type { DateFormat } from './import.types.js';

/** Why a value cannot be taken. */
export class Invalid {
  constructor(readonly reason: string) {}
}

/** Turns a file's text into Postgres's; the text is trimmed and not empty. */
export type ValueParser = (text: string) => string | Invalid;

/** Wider than any real quantity or amount, and far from overflowing a column when thousands of them are added up. */
export const maximumQuantity = 1_000_000;
export const maximumAmount = 10_000_000_000;
const earliest = Date.UTC(1970, 0, 1);
/** For clocks and time zones that differ. */
const futureTolerance = dayMs;

/** Such reasons say the limit, which whoever sends the value cannot look up. */
const within = (maximum: number): string => `between -${grouped(maximum)} and ${grouped(maximum)}`;
export const quantityOutOfRange = new Invalid(`is not ${within(maximumQuantity)}`);
export const amountOutOfRange = new Invalid(`is not ${within(maximumAmount)}`);
/** Of a line, by its quantity and price. */
export const makesAmountOutOfRange = `makes an amount that is not ${within(maximumAmount)}`;
const tooEarly = new Invalid('lies before 1970');
const inFuture = new Invalid('lies in the future');
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
const shortened = /^\d([.,]\d+)?E\+\d+$/i;
const isShortened = new Invalid(
  'is a long number that a spreadsheet has shortened: export the file again, and open it in none',
);

const shortId = upTo(maximumIdLength);
export const id: ValueParser = (value) => (shortened.test(value) ? isShortened : shortId(value));
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
      ? 'is not a number such as 1.234,50, which decimalComma stands for'
      : 'is not a number such as 1,234.50 (decimalComma reads 1.234,50)',
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

type WrittenFormat = Exclude<DateFormat, 'epoch'>;

const zone = String.raw`(?<zone>Z|UTC|[+-]\d{2}(?::?\d{2})?)`;
/** @param half of the day, as a pattern */
const time = (half: string): string =>
  String.raw`(?:,?[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?${half}\s*${zone}?)?`;
const halfOfDay = String.raw`(?:\s*(?<half>[AaPp][Mm]))?`;
/** Of a time. */
export const endsInTimeZone = new RegExp(`${zone}$`);

const datePatterns: Record<WrittenFormat, RegExp> = {
  // 2026/7/31, as spreadsheets write it in East Asia; without separators, two digits each.
  iso: new RegExp(`^(\\d{4})(?=[-./]|\\d{4}(?!\\d))([-./]?)(\\d{1,2})\\2(\\d{1,2})${time('')}$`),
  dmy: new RegExp(`^(\\d{1,2})([./-])(\\d{1,2})\\2(\\d{4})${time(halfOfDay)}$`),
  mdy: new RegExp(`^(\\d{1,2})([./-])(\\d{1,2})\\2(\\d{4})${time(halfOfDay)}$`),
};

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const namedMonth = new RegExp(`^(${months.join('|')}) (\\d{1,2}), (?=\\d{4})`);

const notADates: Record<DateFormat, Invalid> = {
  iso: new Invalid(
    'is not a date such as 2026-07-31 or 2026-07-31 14:05:09.25, a time with or without Z, UTC, +02, +0200 or +02:00 ' +
      '(dateFormat dmy reads 31.07.2026, mdy 07/31/2026 or Jul 31, 2026, epoch 1785506709)',
  ),
  dmy: new Invalid('is not a date such as 31.07.2026 14:05, which dateFormat dmy stands for'),
  mdy: new Invalid('is not a date such as 07/31/2026 14:05 or Jul 31, 2026 2:05 PM, which dateFormat mdy stands for'),
  epoch: new Invalid('is not a time such as 1785506709, which dateFormat epoch stands for'),
};

/**
 * A date, with or without a time; UTC unless an offset is written.
 * @param notADate what is said of anything else
 */
export function instant(format: DateFormat, notADate = notADates[format]): ValueParser {
  const parse = format === 'epoch' ? parseEpoch : (value: string) => parseWritten(datePatterns[format], format, value);
  let lastText = '';
  let lastResult: string | Invalid = notADate;
  // Lines of one order follow each other and bear the same instant.
  return (value) => {
    if (value !== lastText) {
      lastText = value;
      lastResult = parse(value) ?? notADate;
    }
    return lastResult;
  };
}

/** Less is no time of a shop (1973 began at about this), but a day of a spreadsheet, such as 45657, or a date such as 20241231. */
const leastSeconds = 1e8;
/** From here on a time is in milliseconds: in seconds it would lie beyond the year 5000. */
const leastMilliseconds = 1e11;
const leastMicroseconds = 1e14;

function millisecondsOf(time: number): number {
  if (time < leastMilliseconds) return time * 1_000;
  return time < leastMicroseconds ? time : time / 1_000;
}

/** Seconds, milliseconds or microseconds since 1970, told apart by their size. Undefined where it is no such time. */
function parseEpoch(value: string): string | Invalid | undefined {
  if (!/^\d{1,16}(\.\d+)?$/.test(value)) return undefined;
  const time = Number(value);
  if (time < leastSeconds) return undefined;
  const at = Math.round(millisecondsOf(time));
  return instantProblem(at) ?? new Date(at).toISOString();
}

/** Undefined where it is no such date. */
function parseWritten(pattern: RegExp, format: WrittenFormat, value: string): string | Invalid | undefined {
  const match = pattern.exec(format === 'mdy' ? withMonthNumber(value) : value);
  if (!match) return undefined;
  const part = (group: number) => Number(match[group] ?? 0);
  const [year, month, day] = {
    iso: [part(1), part(3), part(4)],
    dmy: [part(4), part(3), part(1)],
    mdy: [part(4), part(1), part(3)],
  }[format] as [number, number, number];
  const [hour, minute, second] = [hourOf(part(5), match.groups?.['half']), part(6), part(7)];
  const milliseconds = Number((match[8] ?? '').slice(0, 3).padEnd(3, '0'));
  const local = new Date(Date.UTC(year, month - 1, day, hour, minute, second, milliseconds));
  // Date.UTC turns February 30 into March: what comes back must be what was written.
  if (local.getUTCMonth() !== month - 1 || local.getUTCDate() !== day) return undefined;
  // Date.UTC takes the years 0 to 99 for those of the 20th century.
  if (year < 100) return tooEarly;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const offset = offsetMinutes(match.groups?.['zone']);
  if (offset === undefined) return undefined;
  const at = local.getTime() - offset * 60_000;
  return instantProblem(at) ?? new Date(at).toISOString();
}

/** "Oct 9, 2026", as Magento writes it, with the month as a number. */
const withMonthNumber = (value: string): string =>
  value.replace(namedMonth, (_, month: string, day: string) => `${months.indexOf(month) + 1}/${day}/`);

/** Of 24 hours: 12 AM is 0, 2 PM is 14, and so is 14 PM, which some programs write. Not a number for 14 AM. */
function hourOf(hour: number, half: string | undefined): number {
  if (half === undefined) return hour;
  const isAfternoon = half.toUpperCase() === 'PM';
  if (hour < 12) return isAfternoon ? hour + 12 : hour;
  if (hour === 12) return isAfternoon ? 12 : 0;
  return isAfternoon ? hour : Number.NaN;
}

/** Things happened after 1970 and not tomorrow: a year mistyped is an error, and a partition for it would be too. */
export function instantProblem(at: number): Invalid | undefined {
  if (at < earliest) return tooEarly;
  return at > Date.now() + futureTolerance ? inFuture : undefined;
}

/** Undefined for an offset that no place has. */
function offsetMinutes(offset: string | undefined): number | undefined {
  if (offset === undefined || offset === 'Z' || offset === 'UTC') return 0;
  const [hours, rest] = [Number(offset.slice(1, 3)), Number(offset.slice(3).replace(':', ''))];
  if (hours > 15 || rest > 59) return undefined;
  const minutes = hours * 60 + rest;
  return offset.startsWith('-') ? -minutes : minutes;
}
