import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Lease } from '../../src/jobs/lease.js';
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
    vi.advanceTimersByTime(seconds * 1_000);
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

  it('outlasts half a minute in which the worker reads no answer', async () => {
    expect(await busyFor(45)).toBe('held');
  });

  it('is lost where the session does not answer', async () => {
    expect(await busyFor(80)).toBe('lost');
  });
});
