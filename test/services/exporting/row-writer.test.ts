import { expect, it } from 'vitest';
import { RowWriter } from '../../../src/services/exporting/row-writer.js';

it('lets no name of a segment become a formula in the head', () => {
  const columns = ['id', 'segment:odd;=1+1'];
  const writer = new RowWriter('csv', columns, false);
  expect([writer.head(), writer.escaped]).toEqual([`id,segment:odd;'=1+1\n`, 1]);
  expect(new RowWriter('csv', columns, true).head()).toBe('id,segment:odd;=1+1\n');
  expect(new RowWriter('jsonl', columns, false).head()).toBe('');
});
