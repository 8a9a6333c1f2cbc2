/** Deadlock, serialisation failure: nothing is wrong but the moment. */
const transientCodes = new Set(['40P01', '40001']);
const maximumAttempts = 4;

function isTransient(error: unknown): boolean {
  return error instanceof Error && 'code' in error && transientCodes.has(String(error.code));
}

/** Does a whole transaction, or a statement by itself, again where it lost a deadlock. */
export async function retried<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === maximumAttempts || !isTransient(error)) throw error;
    }
  }
}
