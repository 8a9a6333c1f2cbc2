import { describe, expect, it } from 'vitest';
import { instant } from '../../../src/services/ingestion/dates.js';
import type { DateFormat } from '../../../src/services/ingestion/import.types.js';
import { Invalid } from '../../../src/services/ingestion/values.js';

const shown = (value: string | Invalid) => (value instanceof Invalid ? `! ${value.reason}` : value);

const notIso =
  '! is not a date such as 2026-07-31 or 2026-07-31 14:05:09.25, a time with or without Z, UTC, +02, +0200 or +02:00 ' +
  '(--date-format dmy reads 31.07.2026 or 31-Jul-26, mdy 07/31/2026 or Jul 31, 2026, epoch 1785506709)';
const unixZero = '! lies on 1970-01-01, which programs write where a time is missing';
const notMdy = '! is not a date such as 07/31/2026 14:05 or Jul 31, 2026 2:05 PM, which --date-format mdy stands for';
const notAYear =
  '! is no year from 1970 on; a month whose year has two digits, such as 9504, must be written with four: 1995-04';
const fits = (other: string, format: string) =>
  `! fits --date-format ${other}, not ${format}: if the whole file is written so, days up to the 12th were read as months; import it with ${other}`;

describe('instants', () => {
  it.each<[DateFormat, string, string]>([
    ['iso', '2010-12-01', '2010-12-01T00:00:00.000Z'],
    ['iso', '20101201', '2010-12-01T00:00:00.000Z'],
    ['iso', '2010/2/1', '2010-02-01T00:00:00.000Z'],
    ['iso', '2010/12/01 8:26', '2010-12-01T08:26:00.000Z'],
    ['iso', '2010.12.1', '2010-12-01T00:00:00.000Z'],
    ['iso', '2010-12-01 08:26:00', '2010-12-01T08:26:00.000Z'],
    ['iso', '2010-12-01T08:26:00.123456+02:30', '2010-12-01T05:56:00.123Z'],
    ['iso', '2010-12-01T08:26Z', '2010-12-01T08:26:00.000Z'],
    ['iso', '2025-09-23 11:00:17+00', '2025-09-23T11:00:17.000Z'],
    ['iso', '2025-09-23 11:00:17.123456+02', '2025-09-23T09:00:17.123Z'],
    ['iso', '2025-09-23 11:00:17-03', '2025-09-23T14:00:17.000Z'],
    ['iso', '2025-09-23 11:00:17 -0330', '2025-09-23T14:30:17.000Z'],
    ['iso', '2025-09-23 11:00:17 UTC', '2025-09-23T11:00:17.000Z'],
    ['iso', '2025-09-23 11:00:17.123456 UTC', '2025-09-23T11:00:17.123Z'],
    ['iso', '2025-09-23 11:00:17+2', notIso],
    ['iso', '2025-09-23+02', notIso],
    ['epoch', '1758625217', '2025-09-23T11:00:17.000Z'],
    ['epoch', '1758625217.25', '2025-09-23T11:00:17.250Z'],
    ['epoch', '1758625217123', '2025-09-23T11:00:17.123Z'],
    ['epoch', '1758625217123456', '2025-09-23T11:00:17.123Z'],
    ['epoch', '99999999999', '! lies in the future'],
    ['epoch', '100000000', '1973-03-03T09:46:40.000Z'],
    ['epoch', '45657', '! is not a time such as 1785506709, which --date-format epoch stands for'],
    ['epoch', '20241231', '! is not a time such as 1785506709, which --date-format epoch stands for'],
    ['epoch', '2025-09-23', '! is not a time such as 1785506709, which --date-format epoch stands for'],
    ['mdy', '12/1/2010 8:26', '2010-12-01T08:26:00.000Z'],
    ['mdy', '12/1/2010 12:26 am', '2010-12-01T00:26:00.000Z'],
    ['mdy', '12/1/2010 12:26PM', '2010-12-01T12:26:00.000Z'],
    ['mdy', '12/1/2010 2:26:05 PM -0400', '2010-12-01T18:26:05.000Z'],
    ['mdy', 'Dec 1, 2010 11:22:01 PM', '2010-12-01T23:22:01.000Z'],
    ['mdy', 'Dec 1, 2010 23:22:01 PM', '2010-12-01T23:22:01.000Z'],
    ['mdy', 'Dec 1, 2010, 11:22:01\u202FPM', '2010-12-01T23:22:01.000Z'],
    ['dmy', '1.12.2010, 14:05', '2010-12-01T14:05:00.000Z'],
    ['dmy', '1.12.2010,14:05', '! is not a date such as 31.07.2026 14:05, which --date-format dmy stands for'],
    ['mdy', 'Dec 1, 2010', '2010-12-01T00:00:00.000Z'],
    ['mdy', 'Dez 1, 2010', notMdy],
    ['mdy', 'Feb 30, 2010', notMdy],
    ['mdy', '12/1/2010 14:26 AM', notMdy],
    ['dmy', '1.12.2010', '2010-12-01T00:00:00.000Z'],
    ['dmy', '1/12/2010 8:26 PM', '2010-12-01T20:26:00.000Z'],
    ['iso', '2010-12-01 8:26 PM', '2010-12-01T20:26:00.000Z'],
    ['iso', '2010-12-01 08:26 AM', '2010-12-01T08:26:00.000Z'],
    ['iso', '2010-12-01 14:26 AM', notIso],
    ['iso', '2011-02-29', notIso],
    ['iso', '2011-02-28 23:59:59', '2011-02-28T23:59:59.000Z'],
    ['iso', '2011-02-28 24:00', notIso],
    ['iso', '2011-02-28 99:00', notIso],
    ['iso', '2011-02-28 22:60', notIso],
    ['iso', '2011-02-28 22:59:60', notIso],
    ['iso', '2011-0228', notIso],
    ['iso', '2011/02-28', notIso],
    ['iso', '2011228', notIso],
    ['iso', '2011/13/1', notIso],
    ['iso', '01/12/2010', notIso],
    ['dmy', '12/31/2010', fits('mdy', 'dmy')],
    ['mdy', '31.12.2010', fits('dmy', 'mdy')],
    ['dmy', '13/31/2010', '! is not a date such as 31.07.2026 14:05, which --date-format dmy stands for'],
    ['dmy', '04.02.25 08:00', '2025-02-04T08:00:00.000Z'],
    ['mdy', '12/31/69', '! lies in the future'],
    ['mdy', '12/31/70 2:05 PM', '1970-12-31T14:05:00.000Z'],
    ['mdy', '12/31/0024', '! lies before 1970'],
    ['dmy', '12/31/024', '! is not a date such as 31.07.2026 14:05, which --date-format dmy stands for'],
    ['iso', '10-12-01', notIso],
    ['dmy', '07-JAN-24', '2024-01-07T00:00:00.000Z'],
    ['dmy', '7 January 2024 08:26', '2024-01-07T08:26:00.000Z'],
    ['dmy', '7-May 2024', '! is not a date such as 31.07.2026 14:05, which --date-format dmy stands for'],
    ['mdy', 'January 7, 2024', '2024-01-07T00:00:00.000Z'],
    ['mdy', '07-Jan-2024', '2024-01-07T00:00:00.000Z'],
    ['dmy', 'Jan 7, 2024 2:05 PM', '2024-01-07T14:05:00.000Z'],
    ['iso', '07-Jan-2024', notIso],
    ['mdy', 'Janu 7, 2024', notMdy],
    ['iso', '1970-01-02', '1970-01-02T00:00:00.000Z'],
    ['iso', '1970-01-01 00:33:40 UTC', unixZero],
    ['iso', '1970-01-01T23:59:59', unixZero],
    ['dmy', '01-Jan-70', unixZero],
    ['iso', '1969-12-31', '! lies before 1970'],
    ['iso', '0099-01-01', '! lies before 1970'],
    ['iso', '2010-12-01T08:26+99:99', notIso],
    ['iso', '2010-12-01T08:26+13:45', '2010-11-30T18:41:00.000Z'],
    ['iso', '1995-04', '1995-04-01T00:00:00.000Z'],
    ['iso', '2010/2', '2010-02-01T00:00:00.000Z'],
    ['iso', '1995', '1995-12-31T00:00:00.000Z'],
    ['iso', '1995-13', notIso],
    ['iso', '1995-00', notIso],
    ['iso', '1995-', notIso],
    ['iso', '1995.5', notIso],
    ['iso', '199504', notIso],
    ['iso', '1995-04 08:26', notIso],
    ['iso', '1969', '! lies before 1970'],
    ['iso', '0095', '! lies before 1970'],
    ['iso', '2999-01', '! lies in the future'],
    ['iso', '2999', '! lies in the future'],
    ['iso', '9504', notAYear],
    ['iso', '0004', notAYear],
    ['iso', '1912', notAYear],
    ['iso', '2004', '2004-12-31T00:00:00.000Z'],
    ['mdy', '04/1995', '1995-04-01T00:00:00.000Z'],
    ['dmy', '4.1995', '1995-04-01T00:00:00.000Z'],
    ['mdy', 'Apr 1995', '1995-04-01T00:00:00.000Z'],
    ['dmy', 'april-1995', '1995-04-01T00:00:00.000Z'],
    ['dmy', '1995', '1995-12-31T00:00:00.000Z'],
    ['mdy', '9504', notAYear],
    ['mdy', '13/1995', notMdy],
    ['mdy', 'Apr-95', notMdy],
    ['mdy', '1995-04', notMdy],
    ['iso', '2999-01-01', '! lies in the future'],
  ])('%s %s is %s', (format, text, expected) => {
    expect(shown(instant(format)(text))).toBe(expected);
  });

  it('are those of clocks and time zones that are a day ahead, and no later ones', () => {
    const at = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
    const [now, ahead, later] = [at(0), at(23), at(25)] as const;
    const read = instant('iso');
    expect([now, ahead, later].map((text) => shown(read(text)))).toEqual([now, ahead, '! lies in the future']);
  });
});
