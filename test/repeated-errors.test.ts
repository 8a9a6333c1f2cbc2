import pino from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { RepeatedErrors } from '../src/repeated-errors.js';

const lines: { msg: string; err: { message: string }; timesSinceLast?: number }[] = [];
const logger = pino({}, { write: (line) => void lines.push(JSON.parse(line)) });

beforeEach(() => {
  lines.length = 0;
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

it('logs an error that comes back every second once a minute, and then how often it came', () => {
  const errors = new RepeatedErrors(logger);
  for (let second = 0; second <= 120; second++) {
    errors.log(new Error('read-only'), 'queue');
    vi.advanceTimersByTime(1000);
  }
  expect(lines.map(({ msg, err, timesSinceLast }) => [msg, err.message, timesSinceLast])).toEqual([
    ['queue', 'read-only', undefined],
    ['queue', 'read-only', 59],
    ['queue', 'read-only', 59],
  ]);
});

it('says so of each of several that come back in turn, however seldom', () => {
  const errors = new RepeatedErrors(logger);
  for (const [second, message] of [
    [0, 'gone'],
    [0, 'read-only'],
    [30, 'read-only'],
    [62, 'gone'],
    [63, 'read-only'],
  ] as const) {
    vi.advanceTimersByTime(second * 1000 - performance.now());
    errors.log(new Error(message), 'queue');
  }
  expect(lines.at(-1)).toMatchObject({ err: { message: 'read-only' }, timesSinceLast: 1 });
});

it('logs once a minute, also after the clock was set back', () => {
  const errors = new RepeatedErrors(logger);
  errors.log(new Error('read-only'), 'queue');
  vi.setSystemTime(Date.now() - 3_600_000);
  vi.advanceTimersByTime(60_000);
  errors.log(new Error('read-only'), 'queue');
  expect(lines).toHaveLength(2);
});

it('logs every other error, and the same of another place, at once', () => {
  const errors = new RepeatedErrors(logger);
  errors.log(new Error('read-only'), 'queue');
  errors.log(new Error('gone'), 'queue');
  errors.log(new Error('read-only'), 'reaper');
  expect(lines.map(({ msg, err }) => `${msg} ${err.message}`)).toEqual([
    'queue read-only',
    'queue gone',
    'reaper read-only',
  ]);
});
