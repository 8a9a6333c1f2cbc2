import { pino } from 'pino';
import { describe, expect, it, vi } from 'vitest';
import { followRun } from '../../src/cli/follow-run.js';
import type { Notifications } from '../../src/database/notifications.js';
import { ClvError } from '../../src/errors.js';
import { Run } from '../../src/entities/index.js';
import { RunWatch } from '../../src/services/runs/run-watch.js';

const logger = pino({ level: 'silent' });
const run = Object.assign(new Run(), { phase: 'scoring', progress: 0.5 });
const worker = { lost: new Promise<void>(() => undefined) };

describe('following a run', () => {
  it.each([
    ['that has just ended', new ClvError('CONFLICT', 'The run is completed already; it cannot be cancelled.'), 0],
    ['while the database is away', new Error('the connection was lost'), 1],
  ])('goes on to its end where an abort cannot cancel one %s', async (_case, refusal, logged) => {
    const abort = new AbortController();
    const error = vi.spyOn(logger, 'error');
    const cancel = vi.fn(() => Promise.reject(refusal));
    async function* watch(): AsyncIterableIterator<Run> {
      yield run;
      abort.abort();
    }
    await followRun('7', { cancel, watch }, { worker, logger, signal: abort.signal });
    expect(cancel).toHaveBeenCalledWith('7');
    expect(error).toHaveBeenCalledTimes(logged);
    error.mockRestore();
  });

  it('tells no line without a phase', async () => {
    const lines = vi.spyOn(console, 'error').mockReturnValue();
    async function* watch(): AsyncIterableIterator<Run> {
      for (const phase of ['waiting for a worker', '', 'scoring', ''])
        yield Object.assign(new Run(), { phase, progress: 0 });
    }
    await followRun('7', { cancel: vi.fn(), watch }, { worker, logger, signal: new AbortController().signal });
    expect(lines.mock.calls.flat()).toEqual(['0 % waiting for a worker, 0 s', '0 % scoring, 0 s']);
    lines.mockRestore();
  });

  it('leaves nothing that would keep the process from ending once the worker has lost its session', async () => {
    vi.useFakeTimers();
    const lines = vi.spyOn(console, 'error').mockReturnValue();
    const notifications = { subscribe: async () => () => undefined } as unknown as Notifications;
    const running = Object.assign(new Run(), run, { settledAt: null });
    const watch = () => new RunWatch(notifications, '7', async () => running);
    const lost = Promise.resolve();
    const followed = followRun(
      '7',
      { cancel: vi.fn(), watch },
      { worker: { lost }, logger, signal: new AbortController().signal },
    );
    await expect(followed).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    await vi.waitUntil(() => vi.getTimerCount() === 0);
    vi.useRealTimers();
    lines.mockRestore();
  });

  it('cancels one at once that was to be stopped before it began', async () => {
    const cancel = vi.fn(() => Promise.resolve(run));
    async function* watch(): AsyncIterableIterator<Run> {
      yield run;
    }
    await followRun('7', { cancel, watch }, { worker, logger, signal: AbortSignal.abort() });
    expect(cancel).toHaveBeenCalledWith('7');
  });
});
