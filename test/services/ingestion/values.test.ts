import { describe, expect, it } from 'vitest';
import type { DateFormat } from '../../../src/services/ingestion/import.types.js';
import { decimal, id, instant, Invalid, wholeNumber } from '../../../src/services/ingestion/values.js';

const shown = (value: string | Invalid) => (value instanceof Invalid ? `! ${value.reason}` : value);

const notIso =
  '! is not a date such as 2026-07-31 or 2026-07-31 14:05:09.25, a time with or without Z, UTC, +02, +0200 or +02:00 ' +
  '(dateFormat dmy reads 31.07.2026, mdy 07/31/2026 or Jul 31, 2026, epoch 1785506709)';
const notMdy = '! is not a date such as 07/31/2026 14:05 or Jul 31, 2026 2:05 PM, which dateFormat mdy stands for';
const notPoint = '! is not a number such as 1,234.50 (decimalComma reads 1.234,50)';

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
    ['epoch', '45657', '! is not a time such as 1785506709, which dateFormat epoch stands for'],
    ['epoch', '20241231', '! is not a time such as 1785506709, which dateFormat epoch stands for'],
    ['epoch', '2025-09-23', '! is not a time such as 1785506709, which dateFormat epoch stands for'],
    ['mdy', '12/1/2010 8:26', '2010-12-01T08:26:00.000Z'],
    ['mdy', '12/1/2010 12:26 am', '2010-12-01T00:26:00.000Z'],
    ['mdy', '12/1/2010 12:26PM', '2010-12-01T12:26:00.000Z'],
    ['mdy', '12/1/2010 2:26:05 PM -0400', '2010-12-01T18:26:05.000Z'],
    ['mdy', 'Dec 1, 2010 11:22:01 PM', '2010-12-01T23:22:01.000Z'],
    ['mdy', 'Dec 1, 2010 23:22:01 PM', '2010-12-01T23:22:01.000Z'],
    ['mdy', 'Dec 1, 2010, 11:22:01\u202FPM', '2010-12-01T23:22:01.000Z'],
    ['dmy', '1.12.2010, 14:05', '2010-12-01T14:05:00.000Z'],
    ['dmy', '1.12.2010,14:05', '! is not a date such as 31.07.2026 14:05, which dateFormat dmy stands for'],
    ['mdy', 'Dec 1, 2010', '2010-12-01T00:00:00.000Z'],
    ['mdy', 'Dez 1, 2010', notMdy],
    ['mdy', 'Feb 30, 2010', notMdy],
    ['mdy', '12/1/2010 14:26 AM', notMdy],
    ['dmy', '1.12.2010', '2010-12-01T00:00:00.000Z'],
    ['dmy', '1/12/2010 8:26 PM', '2010-12-01T20:26:00.000Z'],
    ['iso', '2010-12-01 8:26 PM', notIso],
    ['iso', '2011-02-29', notIso],
    ['iso', '2011-02-28 24:00', notIso],
    ['iso', '2011-0228', notIso],
    ['iso', '2011/02-28', notIso],
    ['iso', '2011228', notIso],
    ['iso', '2011/13/1', notIso],
    ['iso', '01/12/2010', notIso],
    ['dmy', '12/31/2010', '! is not a date such as 31.07.2026 14:05, which dateFormat dmy stands for'],
    ['iso', '1969-12-31', '! lies before 1970'],
    ['iso', '0099-01-01', '! lies before 1970'],
    ['iso', '2010-12-01T08:26+99:99', notIso],
    ['iso', '2010-12-01T08:26+13:45', '2010-11-30T18:41:00.000Z'],
    ['iso', '2999-01-01', '! lies in the future'],
  ])('%s %s is %s', (format, text, expected) => {
    expect(shown(instant(format)(text))).toBe(expected);
  });
});

describe('ids', () => {
  it.each(['5.81235E+18', '5,8e+18', '2E+12'])('are not what a spreadsheet has made of a long number: %s', (text) => {
    expect(shown(id(text))).toMatch(/^! is a long number that a spreadsheet has shortened/);
  });

  it.each(['5812345678901000003', '1E5', '1.5', '1.5E+3X'])('are texts: %s', (text) => {
    expect(shown(id(text))).toBe(text);
  });
});

describe('numbers', () => {
  it.each<[boolean, string, string]>([
    [false, '12.50', '12.50'],
    [false, '-1,234,567.5', '-1234567.5'],
    [false, '1.234,50', notPoint],
    [true, '1.234,50', '1234.50'],
    [true, '12,5', '12.5'],
    [true, '1,234.50', '! is not a number such as 1.234,50, which decimalComma stands for'],
    [false, '1e+05', '100000.000000'],
    [false, '-1.776357e-15', '-0.000000'],
    [true, '1,5E3', '1500.000000'],
    [false, '1e+10', '! is not between -10,000,000,000 and 10,000,000,000'],
    [false, '12e3', notPoint],
    [false, '£5', '5'],
    [false, '-$1,012.50', '-1012.50'],
    [false, '$-12', '-12'],
    [false, '($12.00)', '-12.00'],
    [false, '(-12)', notPoint],
    [false, '12.00 USD', notPoint],
    [false, '$ 5 €', notPoint],
    [false, "1'234.50", '1234.50'],
    [true, '1 061,80 €', '1061.80'],
    [true, '1\u202f061,80\u00a0€', '1061.80'],
    [true, '€ 1.061', '1061'],
    [true, '1 06,80', '! is not a number such as 1.234,50, which decimalComma stands for'],
    [false, '.5', '.5'],
    [false, '-$.50', '-.50'],
    [false, ',5', notPoint],
    [false, '5.', notPoint],
    [true, ',05', '.05'],
    [true, '0.500', '! is not a number such as 1.234,50, which decimalComma stands for'],
    [false, '0,500', notPoint],
    [true, '.500', '! is not a number such as 1.234,50, which decimalComma stands for'],
    [false, '1,012.50-', '-1012.50'],
    [true, '12,50-', '-12.50'],
    [false, '-12.50-', notPoint],
    [false, '12.-', notPoint],
    [false, '10000000000', '! is not between -10,000,000,000 and 10,000,000,000'],
  ])('with decimal comma %s, %s is %s', (decimalComma, text, expected) => {
    expect(shown(decimal(decimalComma)(text))).toBe(expected);
  });

  it('in one column have one sign of a currency, or none', () => {
    const parse = decimal(false);
    expect(['$5', '6', '7 $', '€8', '-$9'].map((text) => shown(parse(text)))).toEqual([
      '5',
      '6',
      '7',
      '! has another sign of a currency than amounts above',
      '-9',
    ]);
  });

  it.each<[boolean, string, string]>([
    [false, '12', '12'],
    [false, '-3.0', '-3'],
    [false, '+4', '4'],
    [false, '3-', '-3'],
    [false, '-3-', '! is not a whole number'],
    [false, '1.5', '! is not a whole number'],
    [false, '1,000', '! is not a whole number'],
    [false, '1.000', '1'],
    [true, '1.000', '1000'],
    [true, '-12.500,00', '-12500'],
    [true, '2,000', '2'],
    [true, '0.500', '! is not a whole number'],
    [true, '0.000', '0'],
    [true, '3.0', '3'],
    [true, '1,5', '! is not a whole number'],
    [true, '1.50', '! is not a whole number'],
    [false, '1e+05', '100000'],
    [false, '1.5e+00', '! is not a whole number'],
    [false, '9999999', '! is not between -1,000,000 and 1,000,000'],
    [true, '9.999.999', '! is not between -1,000,000 and 1,000,000'],
    [false, '1e+07', '! is not between -1,000,000 and 1,000,000'],
  ])('with decimal comma %s, as a whole number %s is %s', (decimalComma, text, expected) => {
    expect(shown(wholeNumber(decimalComma)(text))).toBe(expected);
  });
});
