/**
 * The results of all promises. If one fails, its error is thrown only after the others have ended, so that none goes on in the background.
 */
export async function allSettled<T extends readonly Promise<unknown>[] | []>(
  promises: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}
