import { pino } from 'pino';
import { describe, expect, it, vi } from 'vitest';
import { followRun } from '../../src/cli/follow-run.js';
import { ClvError } from '../../src/errors.js';
import { Run } from '../../src/entities/index.js';

const logger = pino({ level: 'silent' });
const run = Object.assign(new Run(), { phase: 'scoring', progress: 0.5 });
const worker = { lost: new Promise<void>(() => undefined) };

/** As Ctrl+C, for those alone who began to listen meanwhile. */
const interrupt = (before: readonly unknown[]) => {
  for (const listener of process.listeners('SIGINT')) if (!before.includes(listener)) listener('SIGINT');
};

describe('following a run', () => {
  it.each([
    ['that has just ended', new ClvError('CONFLICT', 'The run is completed already; it cannot be cancelled.'), 0],
    ['while the database is away', new Error('the connection was lost'), 1],
  ])('goes on to its end where Ctrl+C cannot cancel one %s', async (_case, refusal, logged) => {
    const before = process.listeners('SIGINT');
    const error = vi.spyOn(logger, 'error');
    const cancel = vi.fn(() => Promise.reject(refusal));
    async function* watch(): AsyncIterableIterator<Run> {
      yield run;
      interrupt(before);
    }
    await followRun('7', { cancel, watch }, { worker, logger });
    expect(cancel).toHaveBeenCalledWith('7');
    expect(error).toHaveBeenCalledTimes(logged);
    error.mockRestore();
  });

  it('leaves Ctrl+C to others once it has failed', async () => {
    const before = process.listeners('SIGINT');
    async function* watch(): AsyncIterableIterator<Run> {
      yield run;
      throw new Error('the connection was lost');
    }
    const following = followRun('7', { cancel: vi.fn(), watch }, { worker, logger });
    await expect(following).rejects.toThrow('the connection was lost');
    expect(process.listeners('SIGINT')).toEqual(before);
  });
});
