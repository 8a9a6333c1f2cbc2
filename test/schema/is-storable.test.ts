import 'reflect-metadata';
import { validateSync } from 'class-validator';
import { expect, it } from 'vitest';
import { CreateApiKeyInput } from '../../src/schema/access/api-key.input.js';

const problemsOf = (name: string): string[] =>
  validateSync(Object.assign(new CreateApiKeyInput(), { name, role: 'ADMIN' })).flatMap(({ constraints }) =>
    Object.values(constraints!),
  );

it.each(['a\0b', 'a\ud800', '\udc00a'])('IsStorable refuses %j', (name) => {
  expect(problemsOf(name)).toEqual(['holds a NUL character or half a surrogate pair']);
});

it('IsStorable takes all other texts, however long', () => {
  expect(problemsOf('a 中 😀')).toEqual([]);
  expect(problemsOf(`中${'x'.repeat(9_000_000)}`)).toEqual([expect.not.stringContaining('NUL')]);
});
