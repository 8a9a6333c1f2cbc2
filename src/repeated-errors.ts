import type { Logger } from 'pino';
import { reasonOf } from './errors.js';

const pauseMs = 60_000;
/** Later than an error may be logged again: otherwise its count would be lost if another error came first. */
const forgetMs = 2 * pauseMs;

/** Logs each repeated error once a minute: loops and requests that fail while Postgres is away would fill the disk. */
export class RepeatedErrors {
  /** When each error was last logged, and how often it has come since then. */
  private readonly told = new Map<string, { readonly at: number; more: number }>();

  constructor(
    private readonly logger: Logger,
    private readonly level: 'warn' | 'error' = 'error',
  ) {}

  /** @param more further properties of the line; errors that differ in these alone count as the same */
  log(error: unknown, where: string, more: object = {}): void {
    const now = performance.now();
    const key = `${where}: ${reasonOf(error)}`;
    const before = this.told.get(key);
    if (before && now - before.at < pauseMs) {
      before.more++;
      return;
    }
    this.logger[this.level]({ err: error, ...more, ...(before?.more && { timesSinceLast: before.more }) }, where);
    for (const [other, { at }] of this.told) if (now - at >= forgetMs) this.told.delete(other);
    this.told.set(key, { at: now, more: 0 });
  }
}
