import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ThrottledProgress } from '../../../src/services/runs/run-progress.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function recorded() {
  const written: [phase: string, fraction: number][] = [];
  const progress = new ThrottledProgress(
    async (...report) => void written.push(report),
    (error) => expect.unreachable(String(error)),
  );
  return { progress, written };
}

it('is written four times a second, also after the clock was set back', async () => {
  const { progress, written } = recorded();
  progress.report('first', 0.1);
  await vi.advanceTimersByTimeAsync(1);
  vi.setSystemTime(Date.now() - 3_600_000);
  progress.report('second', 0.2);
  progress.report('third', 0.3);
  await vi.advanceTimersByTimeAsync(200);
  expect(written).toEqual([['first', 0.1]]);
  await vi.advanceTimersByTimeAsync(50);
  expect(written).toEqual([
    ['first', 0.1],
    ['third', 0.3],
  ]);
});

it('never goes backwards, nor beyond 1', async () => {
  const { progress, written } = recorded();
  for (const fraction of [NaN, 0.5, 0.2, Infinity, 7, 0.9]) {
    progress.report('on', fraction);
    await vi.advanceTimersByTimeAsync(250);
  }
  expect(written.map(([, fraction]) => fraction)).toEqual([0, 0.5, 0.5, 0.5, 1, 1]);
});

it('ends with the latest, and nothing after', async () => {
  const { progress, written } = recorded();
  progress.report('on', 0.4);
  await vi.advanceTimersByTimeAsync(1);
  progress.report('on', 0.6);
  await progress.close();
  progress.report('on', 0.8);
  await progress.close();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(written).toEqual([
    ['on', 0.4],
    ['on', 0.6],
  ]);
});

it('is written one report after the other, those after a failure too', async () => {
  const begun: number[] = [];
  const errors: unknown[] = [];
  const progress = new ThrottledProgress(
    async (_phase, fraction) => {
      begun.push(fraction);
      await new Promise((resolve) => setTimeout(resolve, 400));
      throw new Error(`no ${fraction}`);
    },
    (error) => errors.push(String(error)),
  );
  progress.report('on', 0.1);
  await vi.advanceTimersByTimeAsync(1);
  progress.report('on', 0.2);
  await vi.advanceTimersByTimeAsync(300);
  expect(begun).toEqual([0.1]);
  await vi.advanceTimersByTimeAsync(600);
  expect(begun).toEqual([0.1, 0.2]);
  expect(errors).toEqual(['Error: no 0.1', 'Error: no 0.2']);
});
