import DataLoader from 'dataloader';

/** DataLoader over a function that finds records by their ids and returns them in any order; null for an id that has none. */
export function loaderById<T extends { id: string }>(
  findMany: (ids: readonly string[]) => Promise<readonly T[]>,
): DataLoader<string, T | null> {
  return loaderBy(({ id }) => id, findMany);
}

/** `loaderById`, but by the id of the run that made the record. */
export function loaderByRun<T extends { runId: string | null }>(
  madeBy: (runIds: readonly string[]) => Promise<readonly T[]>,
): DataLoader<string, T | null> {
  return loaderBy(({ runId }) => runId, madeBy);
}

/** `loaderById`, but by the id of the customer whom the record belongs to. */
export function loaderByCustomer<T extends { customerId: string }>(
  findMany: (customerIds: readonly string[]) => Promise<readonly T[]>,
): DataLoader<string, T | null> {
  return loaderBy(({ customerId }) => customerId, findMany);
}

function loaderBy<T>(
  keyOf: (item: T) => string | null,
  findMany: (keys: readonly string[]) => Promise<readonly T[]>,
): DataLoader<string, T | null> {
  return new DataLoader(async (keys) => {
    const found = new Map((await findMany(keys)).map((item) => [keyOf(item), item]));
    return keys.map((key) => found.get(key) ?? null);
  });
}
