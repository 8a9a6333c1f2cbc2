import { afterEach, expect, it, vi } from 'vitest';
import { forwardClock } from '../../src/jobs/forward-clock.js';

afterEach(() => void vi.useRealTimers());

it('the clock of the queue follows the machine’s forwards, and goes on where that is set back', () => {
  vi.useFakeTimers({ toFake: ['Date', 'performance'] });
  const began = Date.now();
  expect(forwardClock.now()).toBe(began);
  vi.setSystemTime(began - 3_600_000);
  vi.advanceTimersByTime(30_000);
  expect(forwardClock.now()).toBe(began + 30_000);
  vi.setSystemTime(began + 7_200_000);
  expect(forwardClock.now()).toBe(began + 7_200_000);
});
