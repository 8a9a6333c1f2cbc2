import { setImmediate as nextTurn } from 'node:timers/promises';

/** How long work may block the process at a time, in milliseconds. */
const longest = 10;

/**
 * Calls `work` for each item. Beforehand, and again every few milliseconds, it lets the process do what else is waiting.
 */
export async function forEachInTurns<T>(items: Iterable<T>, work: (item: T) => void): Promise<void> {
  let end = 0;
  for (const item of items) {
    if (performance.now() > end) {
      await nextTurn();
      end = performance.now() + longest;
    }
    work(item);
  }
}
