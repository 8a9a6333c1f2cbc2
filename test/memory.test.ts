import { totalmem } from 'node:os';
import * as process from 'node:process';
import { afterEach, expect, it, vi } from 'vitest';
import { serverOptions } from '../src/database/postgres-server-options.js';
import { usableMemory } from '../src/memory.js';

vi.mock('node:process', async (original) => ({ ...(await original<typeof process>()), constrainedMemory: vi.fn() }));
const limited = vi.mocked(process.constrainedMemory);
afterEach(() => limited.mockReset());

it.each([0, 2 ** 64])('is the machine’s where there is no limit, told as %s', (unlimited) => {
  limited.mockReturnValue(unlimited);
  expect(usableMemory()).toBe(totalmem());
});

it('is the container’s where that is less, also for the cache of the embedded Postgres', () => {
  limited.mockReturnValue(1_024 ** 3);
  expect(usableMemory()).toBe(1_024 ** 3);
  expect(serverOptions('/socket')).toContain('shared_buffers=256MB');
});
