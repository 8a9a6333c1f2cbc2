import { dayMs } from '../../days.js';
import type { DateFormat } from './import.types.js';
import { Invalid, type ValueParser } from './values.js';

const earliest = Date.UTC(1970, 0, 1);
/** Where a time is missing, many programs write 0, the begin of Unix time; databases and time zones move that by hours. */
const afterUnixZero = earliest + dayMs;
/** Instants may lie so far in the future, since clocks and time zones differ. */
const futureTolerance = dayMs;

const tooEarly = new Invalid('lies before 1970');
const unixZero = new Invalid('lies on 1970-01-01, which programs write where a time is missing');
const inFuture = new Invalid('lies in the future');

type WrittenFormat = Exclude<DateFormat, 'epoch'>;

const zone = String.raw`(?<zone>Z|UTC|[+-]\d{2}(?::?\d{2})?)`;
const time = String.raw`(?:,?[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?:\s*(?<half>[AaPp][Mm]))?\s*${zone}?)?`;
/** Whether a time is written with its zone. */
export const endsInTimeZone = new RegExp(`${zone}$`);

const datePatterns: Record<WrittenFormat, RegExp> = {
  // 2026/7/31, as spreadsheets write it in East Asia; without separators, two digits each.
  iso: new RegExp(`^(\\d{4})(?=[-./]|\\d{4}(?!\\d))([-./]?)(\\d{1,2})\\2(\\d{1,2})${time}$`),
  dmy: new RegExp(`^(\\d{1,2})([./-])(\\d{1,2})\\2(\\d{4}|\\d{2})${time}$`),
  mdy: new RegExp(`^(\\d{1,2})([./-])(\\d{1,2})\\2(\\d{4}|\\d{2})${time}$`),
};

/** Dates that name only a month stand for its first day, those that name only a year for its last: it is over by then. */
const withoutDay: Record<WrittenFormat, RegExp> = {
  iso: /^(?<year>\d{4})(?:[-/](?<month>\d{1,2}))?$/,
  dmy: /^(?:(?<month>\d{1,2})[-./])?(?<year>\d{4})$/,
  mdy: /^(?:(?<month>\d{1,2})[-./])?(?<year>\d{4})$/,
};
/** 9504 for April 1995. */
const yearAndMonth = /^\d{2}(?:0[1-9]|1[0-2])$/;

const months = 'January February March April May June July August September October November December'.split(' ');
const monthName = `(?:${months.map((name) => `${name.slice(0, 3)}(?:${name.slice(3)})?`).join('|')})`;
/** As Magento, Excel and Oracle write dates. */
const namedMonths = [
  new RegExp(`^(?<month>${monthName}) (?<day>\\d{1,2}), (?=\\d)`, 'i'),
  new RegExp(`^(?<day>\\d{1,2})([ -])(?<month>${monthName})\\2(?=\\d)`, 'i'),
  new RegExp(`^(?<month>${monthName})[ -](?=\\d{4}$)`, 'i'),
];

/** The reason where only this format is allowed. */
export const notAnIsoDate = new Invalid(
  'is not a date such as 2026-07-31 or 2026-07-31 14:05:09.25, a time with or without Z, UTC, +02, +0200 or +02:00',
);

const notADates: Record<DateFormat, Invalid> = {
  iso: new Invalid(
    `${notAnIsoDate.reason} (--date-format dmy reads 31.07.2026 or 31-Jul-26, mdy 07/31/2026 or Jul 31, 2026, epoch 1785506709)`,
  ),
  dmy: new Invalid('is not a date such as 31.07.2026 14:05, which --date-format dmy stands for'),
  mdy: new Invalid(
    'is not a date such as 07/31/2026 14:05 or Jul 31, 2026 2:05 PM, which --date-format mdy stands for',
  ),
  epoch: new Invalid('is not a time such as 1785506709, which --date-format epoch stands for'),
};

/** The reason for a date such as 9504. */
export const yearInTwoDigits = new Invalid(
  'is no year from 1970 on; a month whose year has two digits, such as 9504, must be written with four: 1995-04',
);

const swapped: Partial<Record<DateFormat, WrittenFormat>> = { dmy: 'mdy', mdy: 'dmy' };

/** The format that a date such as 12/31/2026 fits where `dmy` is expected; undefined for formats that are not mixed up. */
export const formatTakenFor = (format: DateFormat | undefined): DateFormat | undefined => format && swapped[format];

/** The reason for such a date. */
export const ofOtherFormat = (format: DateFormat, other: DateFormat): Invalid =>
  new Invalid(
    `fits --date-format ${other}, not ${format}: if the whole file is written so, days up to the 12th were read as months; import it with ${other}`,
  );

/**
 * Parser of a date, with or without a time; UTC unless an offset is written.
 * @param notADate the reason for anything else
 */
export function instant(format: DateFormat, notADate = notADates[format]): ValueParser {
  const other = swapped[format];
  const parse = format === 'epoch' ? parseEpoch : (value: string) => parseWritten(format, value);
  const refusalOf = (value: string) =>
    other && typeof parseWritten(other, value) === 'string' ? ofOtherFormat(format, other) : notADate;
  let lastText = '';
  let lastResult: string | Invalid = notADate;
  // Lines of one order follow each other and have the same instant.
  return (value) => {
    if (value !== lastText) {
      lastText = value;
      lastResult = parse(value) ?? refusalOf(value);
    }
    return lastResult;
  };
}

/** Early 1973. Smaller numbers are no times of a shop, but days of a spreadsheet, such as 45657, or dates such as 20241231. */
const leastSeconds = 1e8;
/** Numbers from here on are milliseconds: in seconds they would lie beyond the year 5000. */
const leastMilliseconds = 1e11;
const leastMicroseconds = 1e14;

function millisecondsOf(time: number): number {
  if (time < leastMilliseconds) return time * 1_000;
  return time < leastMicroseconds ? time : time / 1_000;
}

/** Seconds, milliseconds or microseconds since 1970, told apart by their size. @returns undefined for anything else */
function parseEpoch(value: string): string | Invalid | undefined {
  if (!/^\d{1,16}(\.\d+)?$/.test(value)) return undefined;
  const time = Number(value);
  if (time < leastSeconds) return undefined;
  const at = Math.round(millisecondsOf(time));
  return instantProblem(at) ?? new Date(at).toISOString();
}

/** @returns undefined for anything but such a date */
function parseWritten(format: WrittenFormat, value: string): string | Invalid | undefined {
  const text = format === 'iso' ? value : withMonthNumber(value, format);
  const match = datePatterns[format].exec(text);
  if (!match) return parseWithoutDay(format, text);
  const part = (group: number) => Number(match[group] ?? 0);
  const [year, month, day] = {
    iso: [part(1), part(3), part(4)],
    dmy: [yearOf(match[4]!), part(3), part(1)],
    mdy: [yearOf(match[4]!), part(1), part(3)],
  }[format] as [number, number, number];
  const [hour, minute, second] = [hourOf(part(5), match.groups?.['half']), part(6), part(7)];
  const milliseconds = Number((match[8] ?? '').slice(0, 3).padEnd(3, '0'));
  const local = new Date(Date.UTC(year, month - 1, day, hour, minute, second, milliseconds));
  // Date.UTC turns February 30 into March, and 24:00 into the next day: the result must be the day that was written.
  if (local.getUTCMonth() !== month - 1 || local.getUTCDate() !== day) return undefined;
  // Date.UTC takes the years 0 to 99 for those of the 20th century.
  if (year < 100) return tooEarly;
  if (minute > 59 || second > 59) return undefined;
  const offset = offsetMinutes(match.groups?.['zone']);
  if (offset === undefined) return undefined;
  const at = local.getTime() - offset * 60_000;
  return instantProblem(at) ?? new Date(at).toISOString();
}

/** The first day of a month, the last of a year. @returns undefined for anything else */
function parseWithoutDay(format: WrittenFormat, text: string): string | Invalid | undefined {
  const { year, month } = withoutDay[format].exec(text)?.groups ?? {};
  if (year === undefined || Number(month) < 1 || Number(month) > 12) return undefined;
  const at = month === undefined ? Date.UTC(Number(year), 11, 31) : Date.UTC(Number(year), Number(month) - 1);
  // Date.UTC takes the years 0 to 99 for those of the 20th century.
  const problem = Number(year) < 100 ? tooEarly : instantProblem(at);
  if (!problem) return new Date(at).toISOString();
  return yearAndMonth.test(text) ? yearInTwoDigits : problem;
}

/** "Oct 9, 2026", "09-OCT-26" and "Oct 2026" with the month as a number. */
function withMonthNumber(value: string, format: 'dmy' | 'mdy'): string {
  const match = namedMonths.map((pattern) => pattern.exec(value)).find((found) => found !== null);
  if (!match) return value;
  const { day, month } = match.groups as { day?: string; month: string };
  const number = months.findIndex((name) => name.slice(0, 3).toLowerCase() === month.slice(0, 3).toLowerCase()) + 1;
  const rest = value.slice(match[0].length);
  if (day === undefined) return `${number}/${rest}`;
  return format === 'mdy' ? `${number}/${day}/${rest}` : `${day}/${number}/${rest}`;
}

/** Two digits stand for the years 1970 to 2069: earlier instants are refused. */
function yearOf(digits: string): number {
  const year = Number(digits);
  if (digits.length === 4) return year;
  return year < 70 ? 2000 + year : 1900 + year;
}

/** The hour from 0 to 23: 12 AM is 0, 2 PM is 14, and so is 14 PM, which some programs write. NaN for 14 AM. */
function hourOf(hour: number, half: string | undefined): number {
  if (half === undefined) return hour;
  const isAfternoon = half.toUpperCase() === 'PM';
  if (hour < 12) return isAfternoon ? hour + 12 : hour;
  if (hour === 12) return isAfternoon ? 12 : 0;
  return isAfternoon ? hour : Number.NaN;
}

/** Refuses instants before 1970, on its first day or in the future: a mistyped year would even get a partition. */
export function instantProblem(at: number): Invalid | undefined {
  if (at < earliest) return tooEarly;
  if (at < afterUnixZero) return unixZero;
  return at > Date.now() + futureTolerance ? inFuture : undefined;
}

/** @returns undefined for an offset that no place has */
function offsetMinutes(offset: string | undefined): number | undefined {
  if (offset === undefined || offset === 'Z' || offset === 'UTC') return 0;
  const [hours, rest] = [Number(offset.slice(1, 3)), Number(offset.slice(3).replace(':', ''))];
  if (hours > 15 || rest > 59) return undefined;
  const minutes = hours * 60 + rest;
  return offset.startsWith('-') ? -minutes : minutes;
}
