import { afterEach, describe, expect, it, vi } from 'vitest';
import type { BenchDatabase } from '../../../../bench/speed/serving/bench-database.js';
import { startNodeServer, startPythonServer } from '../../../../bench/speed/serving/server-process.js';
import { measureExplained, measureStored } from '../../../../bench/speed/serving/stored-steps.js';

vi.mock('../../../../bench/speed/serving/server-process.js', () => ({
  startNodeServer: vi.fn(),
  startPythonServer: vi.fn(),
}));

describe('the servers of the serving benchmark', () => {
  afterEach(() => vi.resetAllMocks());

  it('are stopped where the last of them does not start', async () => {
    const stop = vi.fn(async () => undefined);
    const server = { pid: 1, url: 'http://127.0.0.1:1', reset: vi.fn(), report: vi.fn(), stop };
    vi.mocked(startNodeServer).mockResolvedValue(server);
    vi.mocked(startPythonServer).mockRejectedValue(new Error('uvicorn ended'));
    const database = { environment: {}, key: 'key', url: 'postgres://127.0.0.1/shop' } as BenchDatabase;
    await expect(measureStored(database, { rounds: 1, seconds: 1, connections: 1 })).rejects.toThrow('uvicorn ended');
    expect(stop).toHaveBeenCalledTimes(3);
  });

  it('are stopped where the first of them does not answer', async () => {
    const stop = vi.fn(async () => undefined);
    const server = { pid: 1, url: 'http://127.0.0.1:1', reset: vi.fn(), report: vi.fn(), stop };
    vi.mocked(startNodeServer).mockResolvedValue(server);
    const database = { environment: {}, key: 'key', url: 'postgres://127.0.0.1/shop' } as BenchDatabase;
    await expect(measureExplained(database, { rounds: 1, seconds: 1, connections: 1 })).rejects.toThrow('fetch failed');
    expect(stop).toHaveBeenCalledTimes(2);
  });
});
