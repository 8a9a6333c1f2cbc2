import { ClvError } from '../../errors.js';

/** Each takes memory for as long as it is open. */
const mostConnections = 100;

/** Counts the connections that each caller holds open. */
export class OpenConnections {
  private readonly counts = new Map<string, number>();

  /** @returns what ends the connection, once or again; null where the caller has as many as it may have */
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

/** With the HTTP status that Fastify answers with. */
export function tooManyConnections(): ClvError & { readonly statusCode: number } {
  const error = new ClvError('RATE_LIMITED', `More than ${mostConnections} connections are open. Close one first.`, {
    details: { limit: mostConnections, retryAfterSeconds: 1 },
  });
  return Object.assign(error, { statusCode: 429 });
}
