import pLimit from 'p-limit';

/** Twice as many as are counted at once, of all requests together, so that none of those is idle. */
const atOnce = 4;

/**
 * Finds the value of each item, a few at a time; one that fails leaves the others be.
 * @param hasLeft whether nobody waits for them any longer: then no more are begun, and there is no answer
 */
export function fewAtATime<Item, Value>(
  items: readonly Item[],
  find: (item: Item) => Promise<Value>,
  hasLeft: () => boolean,
): Promise<(Value | Error)[]> {
  const inTurn = pLimit(atOnce);
  return Promise.all(
    items.map((item) =>
      inTurn(() => (hasLeft() ? new Promise<never>(() => undefined) : find(item).catch((error: Error) => error))),
    ),
  );
}
