/**
 * Error codes of a deadlock, of a serialisation failure, and of a row that refers to one that is gone, such as a customer who was erased after
 * the statement had begun: the same statements may succeed when they are tried again.
 */
const transientCodes = new Set(['40P01', '40001', '23503']);
const maximumAttempts = 4;

function isTransient(error: unknown): boolean {
  return error instanceof Error && 'code' in error && transientCodes.has(String(error.code));
}

/** Repeats a whole transaction, or a statement by itself, that was ended because of a deadlock, or of what others deleted meanwhile. */
export async function throughDeadlocks<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === maximumAttempts || !isTransient(error)) throw error;
    }
  }
}
