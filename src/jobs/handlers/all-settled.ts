/**
 * What all of them give. Where one fails, the others are waited for before its error is thrown: none goes on after whoever
 * asked for them has gone.
 */
export async function allSettled<T extends readonly Promise<unknown>[] | []>(
  promises: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}
