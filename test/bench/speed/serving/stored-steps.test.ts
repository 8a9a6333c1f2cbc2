import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BenchDatabase } from '../../../../bench/speed/serving/bench-database.js';
import { startNodeServer, startPythonServer } from '../../../../bench/speed/serving/server-process.js';
import { measureExplained, measureStored } from '../../../../bench/speed/serving/stored-steps.js';

vi.mock('../../../../bench/speed/serving/server-process.js', () => ({
  startNodeServer: vi.fn(),
  startPythonServer: vi.fn(),
}));

describe('the servers of the serving benchmark', () => {
  const stop = vi.fn(async () => undefined);
  const database = { environment: {}, key: 'key', url: 'postgres://127.0.0.1/shop' } as BenchDatabase;
  const load = { rounds: 1, seconds: 1, connections: 1 };

  beforeEach(() => {
    const server = { pid: 1, url: 'http://127.0.0.1:1', reset: vi.fn(), report: vi.fn(), stop };
    vi.mocked(startNodeServer).mockResolvedValue(server);
  });
  afterEach(() => vi.resetAllMocks());

  it('are stopped where the last of them does not start', async () => {
    vi.mocked(startPythonServer).mockRejectedValue(new Error('uvicorn ended'));
    await expect(measureStored(database, load)).rejects.toThrow('uvicorn ended');
    expect(stop).toHaveBeenCalledTimes(3);
  });

  it('are stopped where the first of them does not answer', async () => {
    await expect(measureExplained(database, load)).rejects.toThrow('fetch failed');
    expect(stop).toHaveBeenCalledTimes(2);
  });
});
