import { afterEach, expect, it, vi } from 'vitest';
import { startCommand } from '../../src/cli/start.command.js';
import { ClvError } from '../../src/errors.js';

vi.mock('../../src/database/open-database.js', () => ({
  openDatabase: async () => ({ url: '', close: () => new Promise(() => undefined) }),
}));
vi.mock('../../src/jobs/open-queue.js', () => ({
  openQueue: () => Promise.reject(new ClvError('DATABASE_UNAVAILABLE', 'The disk of Postgres is full.')),
}));

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

it('a start that fails and cannot close its database says why it failed', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  const exit = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never);
  const told = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  void startCommand().parseAsync([], { from: 'user' });
  await vi.advanceTimersByTimeAsync(25_000);
  expect(told.mock.calls).toEqual([['DATABASE_UNAVAILABLE: The disk of Postgres is full.']]);
  expect(exit).toHaveBeenCalledWith(1);
});
