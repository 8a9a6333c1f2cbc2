import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { withProgressBar } from '../../src/cli/progress-bar.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

it('tells every ten seconds that a job without a terminal goes on, also where it reports nothing', async () => {
  const lines = vi.spyOn(console, 'error').mockReturnValue();
  const done = withProgressBar(async ({ report }) => {
    report('cleaning', 0.1);
    report('cleaning', 0.125);
    await new Promise((resolve) => setTimeout(resolve, 25_000));
    report('writing', 0.5);
  });
  await vi.advanceTimersByTimeAsync(25_000);
  await done;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(lines.mock.calls.map(([line]) => line as string)).toEqual([
    '10 % cleaning, 0 s',
    '13 % cleaning, 10 s',
    '13 % cleaning, 20 s',
    '50 % writing, 25 s',
  ]);
});
