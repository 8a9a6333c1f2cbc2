import { cancelled } from '../progress.js';

export type StopReason = 'cancel' | 'shutdown' | 'claim lost';

/** Stops a job before it is done; the first reason counts. */
export class Stopper {
  private readonly controller = new AbortController();
  private given: StopReason | undefined;

  /** @param claim aborted when pg-boss has given the job to another worker */
  constructor(claim: AbortSignal) {
    claim.addEventListener('abort', () => this.stop('claim lost'), { once: true });
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  get reason(): StopReason | undefined {
    return this.given;
  }

  stop(reason: StopReason): void {
    if (this.given) return;
    this.given = reason;
    this.controller.abort(reason === 'cancel' ? cancelled() : new Error(`the job is interrupted: ${reason}`));
  }
}
