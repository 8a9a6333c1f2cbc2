import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ThrottledProgress } from '../../../src/services/runs/run-progress.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('is written four times a second, also after the clock was set back', async () => {
  const written: string[] = [];
  const progress = new ThrottledProgress(
    async (phase) => void written.push(phase),
    (error) => expect.unreachable(String(error)),
  );
  progress.report('first', 0.1);
  await vi.advanceTimersByTimeAsync(1);
  vi.setSystemTime(Date.now() - 3_600_000);
  progress.report('second', 0.2);
  progress.report('third', 0.3);
  await vi.advanceTimersByTimeAsync(250);
  expect(written).toEqual(['first', 'third']);
});
