import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isAnyHeld, Lease } from '../../src/jobs/lease.js';
import { useTestDatabase } from '../support/database.js';

describe('the lease of a worker', () => {
  const database = useTestDatabase();
  let lease: Lease;
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
    lease = await Lease.open(database.dataSource);
  });
  afterEach(async () => {
    vi.useRealTimers();
    await lease.close();
  });

  /** So long the process gets to its timers, but not to what comes in. */
  async function busyFor(seconds: number): Promise<'lost' | 'held'> {
    for (let second = 0; second < seconds; second++) {
      vi.advanceTimersByTime(1_000);
      // What a timer has begun goes on, up to what is to come in.
      for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    }
    vi.useRealTimers();
    const lost = lease.lost.then(() => 'lost' as const);
    return Promise.race([
      lost,
      lease.release('nothing').then(
        () => 'held' as const,
        () => lost,
      ),
    ]);
  }

  it('gives its session one statement at a time, however many jobs begin at once', async () => {
    vi.useRealTimers();
    const warnings: string[] = [];
    const warned = ({ message }: Error) => void warnings.push(message);
    process.on('warning', warned);
    const jobs = ['first', 'second', 'third', 'fourth'];
    await Promise.all(jobs.map((job) => lease.acquire(job, new AbortController().signal)));
    await Promise.all(jobs.map((job) => lease.release(job)));
    // Told in a later turn.
    await sleep(20);
    process.off('warning', warned);
    expect(warnings).toEqual([]);
  });

  it('keeps no lock of a job that is cancelled just as it begins', async () => {
    vi.useRealTimers();
    const cancelling = new AbortController();
    const taken = lease.takeOver('job', cancelling.signal);
    // The statement has been sent.
    cancelling.abort(new Error('cancelled'));
    await expect(taken).rejects.toThrow('cancelled');
    expect(await isAnyHeld(database.dataSource, ['job'])).toBe(false);
  });

  it('outlasts half a minute in which the worker reads no answer', async () => {
    expect(await busyFor(45)).toBe('held');
  });

  it('is lost where the session does not answer', async () => {
    expect(await busyFor(80)).toBe('lost');
  });
});
