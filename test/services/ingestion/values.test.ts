import { describe, expect, it } from 'vitest';
import {
  boolean,
  currency,
  decimal,
  id,
  Invalid,
  oneOf,
  text,
  wholeNumber,
} from '../../../src/services/ingestion/values.js';

const shown = (value: string | Invalid) => (value instanceof Invalid ? `! ${value.reason}` : value);

const notPoint = '! is not a number such as 1,234.50 (--decimal-comma reads 1.234,50)';

describe('ids', () => {
  it.each(['5.81235E+18', '5,8e+18', '2E+12'])('are not what a spreadsheet has made of a long number: %s', (text) => {
    expect(shown(id(text))).toMatch(/^! is a long number that a spreadsheet has shortened/);
  });

  it.each(['5812345678901000003', '1E5', '1.5', '1.5E+3X'])('are texts: %s', (text) => {
    expect(shown(id(text))).toBe(text);
  });
});

describe('words', () => {
  it.each([
    ['true', ['true', 'T', 'Yes', 'y', '1']],
    ['false', ['FALSE', 'f', 'No', 'n', '0']],
    ['! is neither true nor false', ['2', 'maybe', 'tru']],
  ])('are read as %s: %o', (read, words) => {
    expect(words.map((word) => shown(boolean(word)))).toEqual(words.map(() => read));
  });

  it('are codes of currencies, in capitals or not', () => {
    expect(['EUR', 'usd', 'euro', '€'].map((code) => shown(currency(code)))).toEqual([
      'EUR',
      'USD',
      ...['euro', '€'].map(() => '! is not a currency code of three letters'),
    ]);
  });

  it('are some of a few, in capitals or not, with spaces or hyphens', () => {
    const type = oneOf(['SUPPORT_TICKET', 'CLICK']);
    expect(['support-ticket', 'Support  Ticket', 'click', 'clicks'].map((word) => shown(type(word)))).toEqual([
      'SUPPORT_TICKET',
      'SUPPORT_TICKET',
      'CLICK',
      '! is none of SUPPORT_TICKET, CLICK',
    ]);
  });

  it('are as long as their limit, and no longer', () => {
    expect(shown(text('x'.repeat(100_000)))).toHaveLength(100_000);
    expect(shown(text('x'.repeat(100_001)))).toBe('! is longer than 100000 characters');
  });
});

describe('numbers', () => {
  it.each<[boolean, string, string]>([
    [false, '12.50', '12.50'],
    [false, '-1,234,567.5', '-1234567.5'],
    [false, '1.234,50', notPoint],
    [true, '1.234,50', '1234.50'],
    [true, '12,5', '12.5'],
    [true, '1,234.50', '! is not a number such as 1.234,50, which --decimal-comma stands for'],
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
    [false, '12.00 USD', '12.00'],
    [false, '-USD 12.00', '-12.00'],
    [false, '$12.00 USD', notPoint],
    [false, '12.00 kg', notPoint],
    [false, '12 PCS', notPoint],
    [true, '(12,50) €', '-12.50'],
    [true, '12,50- EUR', '-12.50'],
    [false, '$(12.50)', '-12.50'],
    [false, '($12.50', notPoint],
    [false, '$ 5 €', notPoint],
    [false, "1'234.50", '1234.50'],
    [true, '1 061,80 €', '1061.80'],
    [true, '1\u202f061,80\u00a0€', '1061.80'],
    [true, '€ 1.061', '1061'],
    [true, '1 06,80', '! is not a number such as 1.234,50, which --decimal-comma stands for'],
    [true, '1 234,50 kr', '1234.50'],
    [true, 'kr. 1.234,50', '1234.50'],
    [true, '\u22121 234,50 kr', '-1234.50'],
    [true, '1 234,50 zł', '1234.50'],
    [true, 'R$ 1.234,50', '1234.50'],
    [false, '-A$12.00', '-12.00'],
    [false, '12.00 MX$', '12.00'],
    [false, 'DUE$12', notPoint],
    [false, 'Rs.500', '500'],
    [false, '1,234円', '1234'],
    [false, '₹1,23,456.00', '123456.00'],
    [false, '12,34,56', notPoint],
    [false, '12 K', notPoint],
    [false, '12.50 CR', notPoint],
    [false, '.5', '.5'],
    [false, '-$.50', '-.50'],
    [false, ',5', notPoint],
    [false, '5.', notPoint],
    [true, ',05', '.05'],
    [true, '0.500', '! is not a number such as 1.234,50, which --decimal-comma stands for'],
    [false, '0,500', notPoint],
    [true, '.500', '! is not a number such as 1.234,50, which --decimal-comma stands for'],
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
