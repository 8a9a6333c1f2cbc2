import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { IngestionSession } from '../../src/services/ingestion/ingestion-session.js';
import { inAbortableTransaction } from '../../src/database/abortable-transaction.js';
import { useTestDatabase } from '../support/database.js';

describe('a cancel that is slow', () => {
  const database = useTestDatabase();
  afterEach(() => vi.restoreAllMocks());

  it.each(['ingestion', 'preprocessing'])('does not outlive the %s that it is for', async (job) => {
    const { dataSource } = database;
    const events: string[] = [];
    const query = dataSource.query.bind(dataSource);
    vi.spyOn(dataSource, 'query').mockImplementation(async (...args) => {
      await sleep(200);
      events.push('cancelled');
      return query(...args);
    });
    const abort = new AbortController();
    const work = async () => {
      abort.abort();
      throw new Error('of its own');
    };
    const { signal } = abort;
    const running =
      job === 'ingestion'
        ? IngestionSession.use(dataSource, signal, work)
        : inAbortableTransaction(dataSource, signal, work);
    await expect(running).rejects.toThrow(/cancelled|aborted/);
    expect(events).toEqual(['cancelled']);
  });
});
