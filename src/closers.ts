/** Closes one part. */
export type Closer = () => Promise<void>;

/**
 * Runs work that opens parts one after the other, and adds to `opened` what closes each. Where the work fails, the parts that
 * are open are closed, the last first.
 * @throws what `work` throws
 */
export async function closedOnFailure<T>(work: (opened: Closer[]) => Promise<T>): Promise<T> {
  const opened: Closer[] = [];
  try {
    return await work(opened);
  } catch (error) {
    // The first failure tells more than a part that cannot be closed because of it.
    await closeAll(opened).catch(() => undefined);
    throw error;
  }
}

/**
 * `closedOnFailure`, but the parts are closed where the work succeeds, too.
 * @throws what `work` throws, or else the error of the first part that could not be closed
 */
export function closedAfter<T>(work: (opened: Closer[]) => Promise<T>): Promise<T> {
  return closedOnFailure(async (opened) => {
    const result = await work(opened);
    await closeAll(opened);
    return result;
  });
}

/** Closes all parts, the last first, even if some fail, and empties the list. */
async function closeAll(opened: Closer[]): Promise<void> {
  const failures: unknown[] = [];
  for (const close of opened.splice(0).toReversed()) {
    await close().catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw failures[0];
}
