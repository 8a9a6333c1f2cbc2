/** Error codes of a deadlock and of a serialisation failure: the same statements may succeed when they are tried again. */
const transientCodes = new Set(['40P01', '40001']);
const maximumAttempts = 4;

function isTransient(error: unknown): boolean {
  return error instanceof Error && 'code' in error && transientCodes.has(String(error.code));
}

/** Repeats a whole transaction, or a statement by itself, that was ended because of a deadlock. */
export async function throughDeadlocks<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === maximumAttempts || !isTransient(error)) throw error;
    }
  }
}
