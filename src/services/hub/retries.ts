import { setTimeout as sleep } from 'node:timers/promises';

/** A failure that may be over at the next attempt. */
export class TransientError extends Error {
  override readonly name = 'TransientError';

  constructor(
    message: string,
    /** Seconds that the server asked to wait. */
    readonly retryAfter = 0,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Number of attempts, and the pause before the second one; each further pause is twice as long. */
export interface RetryPolicy {
  readonly attempts: number;
  readonly pauseMs: number;
}

export const defaultRetries: RetryPolicy = { attempts: 5, pauseMs: 500 };
/** Limit of pauses, also of those that a server asks for. */
const longestPauseMs = 60_000;

/**
 * Tries until it succeeds, fails for good, or has failed `attempts` times in a row without getting further.
 * @param progressed whether the last try got further than the one before
 * @throws TransientError the last failure
 */
export async function retried<T>(
  policy: RetryPolicy,
  signal: AbortSignal | undefined,
  attempt: () => Promise<T>,
  progressed: () => boolean = () => false,
): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
      if (progressed()) failures = 1;
      if (failures >= policy.attempts) throw error;
      // Up to half as long again, at random, so that clients do not retry at the same moment.
      const pause = policy.pauseMs * 2 ** (failures - 1) * (1 + Math.random() / 2);
      const milliseconds = Math.min(Math.max(pause, error.retryAfter * 1_000), longestPauseMs);
      await sleep(milliseconds, undefined, { signal }).catch(() => signal?.throwIfAborted());
    }
  }
}
