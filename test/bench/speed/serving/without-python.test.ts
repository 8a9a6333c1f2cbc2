import { describe, expect, it, vi } from 'vitest';
import { openBenchDatabase } from '../../../../bench/speed/serving/bench-database.js';
import { command } from '../../../../bench/speed/serving/command.js';
import { keep } from '../../../../bench/speed/serving/measures.js';
import { useWorkingFolder } from '../../../support/working-folder.js';

vi.mock('../../../../bench/speed/serving/measures.js', () => ({ keep: vi.fn() }));
vi.mock('../../../../bench/speed/serving/unstored-steps.js', () => ({
  measureBurst: async () => 'measured',
  measureCold: vi.fn(),
}));
vi.mock('../../../../bench/speed/serving/bench-database.js', () => ({
  openBenchDatabase: vi.fn(async () => ({
    query: async () => [{ server_version: '18' }],
    [Symbol.asyncDispose]: async () => undefined,
  })),
}));

describe('the serving benchmark without a Python environment', () => {
  useWorkingFolder();

  it('keeps what steps without a Python side have measured', async () => {
    await command().parseAsync(['--only', 'burst'], { from: 'user' });
    expect(keep).toHaveBeenCalledWith({ burst: expect.objectContaining({ outcome: 'measured' }) });
  });

  it('says so before it makes the shop', async () => {
    vi.mocked(openBenchDatabase).mockClear();
    const run = command().parseAsync(['--only', 'stored'], { from: 'user' });
    await expect(run).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
    expect(openBenchDatabase).not.toHaveBeenCalled();
  });
});
