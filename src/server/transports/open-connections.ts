import { ClvError } from '../../errors.js';

/** Limited, since each takes memory as long as it is open. */
const mostConnections = 100;

/** Counts the connections that each caller holds open. */
export class OpenConnections {
  private readonly counts = new Map<string, number>();

  /** Counts a connection. @returns a function that ends it, which may be called repeatedly; null if the caller has too many */
  enter(caller: string): (() => void) | null {
    const count = this.counts.get(caller) ?? 0;
    if (count >= mostConnections) return null;
    this.counts.set(caller, count + 1);
    let open = true;
    return () => {
      if (open) this.leave(caller);
      open = false;
    };
  }

  private leave(caller: string): void {
    const count = this.counts.get(caller)! - 1;
    if (count === 0) this.counts.delete(caller);
    else this.counts.set(caller, count);
  }
}

/** The error with the HTTP status for Fastify. */
export function tooManyConnections(): ClvError & { readonly statusCode: number } {
  const error = new ClvError('RATE_LIMITED', `More than ${mostConnections} connections are open. Close one first.`, {
    details: { limit: mostConnections, retryAfterSeconds: 1 },
  });
  return Object.assign(error, { statusCode: 429 });
}
