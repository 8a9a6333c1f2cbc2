import { inspect } from 'node:util';
import { afterEach, expect, it, vi } from 'vitest';
import { reported } from '../../src/cli/reported.js';

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

it('tells a defect with its stack, but no row that Postgres quotes', async () => {
  const told: string[] = [];
  vi.spyOn(console, 'error').mockImplementation((value) => void told.push(inspect(value)));
  const row = 'Failing row contains (1, Ann Miller, ann@example.com).';
  const cause = Object.assign(new Error('violates check constraint "c"'), { code: '23514', detail: row });
  const defect = Object.assign(new Error('a defect', { cause }), { parameters: ['Ann Miller'], driverError: cause });

  await reported(() => Promise.reject(defect));

  const [text = ''] = told;
  expect(text).toMatch(/a defect[^]*violates check constraint[^]*reported\.test\.ts[^]*23514/);
  expect(text).not.toMatch(/Ann|example/);
  expect(process.exitCode).toBe(1);
});
