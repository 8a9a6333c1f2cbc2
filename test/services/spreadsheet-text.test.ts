import { describe, expect, it } from 'vitest';
import { withoutFormulas } from '../../src/services/spreadsheet-text.js';

describe('a text for a spreadsheet', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['+44 20 1234', "'+44 20 1234"],
    ['-1+cmd|x!A0', "'-1+cmd|x!A0"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['＝1+1', "'＝1+1"],
    ['\t1', "'\t1"],
  ])('is no formula: %j', (text, harmless) => expect(withoutFormulas(text)).toBe(harmless));

  it.each([
    ["Mug;=cmd|'/C calc'!A0;x", "Mug;'=cmd|'/C calc'!A0;x"],
    ['Mug;"=1+1"', `Mug;'"=1+1"`],
    ['two\n=lines', "two\n'=lines"],
    ['two\r\n@lines', "two\r\n'@lines"],
    ["Mug\t=cmd|'/C calc'!A0", "Mug\t'=cmd|'/C calc'!A0"],
    ['\t=1', "'\t'=1"],
  ])('holds none where ";" or a tab separates columns: %j', (text, harmless) =>
    expect(withoutFormulas(text)).toBe(harmless),
  );

  it.each(['Zoë', 'a=b', 'red; blue', 'red\tblue', 'a-1@example.com', '1,5', ''])(
    'stays as it is otherwise: %j',
    (text) => expect(withoutFormulas(text)).toBe(text),
  );
});
