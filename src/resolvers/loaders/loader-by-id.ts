import DataLoader from 'dataloader';

/** DataLoader over a function that finds many by their ids, in any order; an id without one gives null. */
export function loaderById<T extends { id: string }>(
  findMany: (ids: readonly string[]) => Promise<readonly T[]>,
): DataLoader<string, T | null> {
  return new DataLoader(async (ids) => {
    const found = new Map((await findMany(ids)).map((item) => [item.id, item]));
    return ids.map((id) => found.get(id) ?? null);
  });
}
