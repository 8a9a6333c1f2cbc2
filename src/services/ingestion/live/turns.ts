import { setImmediate as nextTurn } from 'node:timers/promises';

/** How long one piece of work may keep all others waiting, in milliseconds. */
const longest = 10;

/**
 * Calls `work` for each item. Before and in between, every few milliseconds, whatever else the process has to do comes
 * first.
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
