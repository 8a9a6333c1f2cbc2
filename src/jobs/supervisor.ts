import { type ChildProcess, fork } from 'node:child_process';
import type { Logger } from 'pino';
import { killWhenStuck } from '../signs-of-life.js';

const graceMs = 15_000;
const shortestPauseMs = 100;
const longestPauseMs = 30_000;
/** After a worker has lived so long, the next pause is short again. */
const healthyMs = 10_000;

interface SupervisorOptions {
  readonly count: number;
  readonly logger: Logger;
  /** Added to the environment of this process, e.g. `DATABASE_URL` of the embedded Postgres. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Module that each process runs. */
  readonly entry?: URL;
  /** A worker is killed after so long without a sign of life; by default five minutes. */
  readonly mostSilentMs?: number;
}

export interface Supervisor {
  /** Ids of the current processes. */
  pids(): number[];
  /** Resolves when every worker has been ready once. */
  readonly ready: Promise<void>;
  /** Lets the workers give their jobs back; kills those that take longer than 15 seconds. */
  stop(): Promise<void>;
}

/**
 * Keeps `count` worker processes running. One that dies is replaced, first at once, then after growing pauses; one that is stuck is killed.
 * They end by themselves when this process ends for any reason.
 */
export function superviseWorkers(options: SupervisorOptions): Supervisor {
  const slots = Array.from({ length: options.count }, () => new Slot(options));
  return {
    pids: () => slots.flatMap((slot) => slot.pid ?? []),
    ready: Promise.all(slots.map(({ ready }) => ready)).then(() => undefined),
    async stop() {
      await Promise.all(slots.map((slot) => slot.stop()));
    },
  };
}

/** One worker process and its successors. */
class Slot {
  readonly ready: Promise<void>;
  private becomeReady: () => void = () => undefined;
  private child: ChildProcess | undefined;
  private restart: NodeJS.Timeout | undefined;
  private pauseMs = shortestPauseMs;
  private stopping = false;

  constructor(private readonly options: SupervisorOptions) {
    this.ready = new Promise((resolve) => (this.becomeReady = resolve));
    this.launch();
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.restart);
    const { child } = this;
    if (!child) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const killer = setTimeout(() => child.kill('SIGKILL'), graceMs);
    await ended;
    clearTimeout(killer);
  }

  private launch(): void {
    const { options } = this;
    const { entry = new URL('./worker-main.js', import.meta.url), environment, logger } = options;
    const startedAt = performance.now();
    const child = fork(entry, {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.child = child;
    // Not `pid`, which each line has already, of the process that writes it.
    const tell = () => logger.error({ child: child.pid }, 'worker process is stuck: killed');
    killWhenStuck(child, tell, options.mostSilentMs);
    child.on('message', (message) => {
      if (message === 'ready') this.becomeReady();
    });
    child.on('error', (error) => {
      logger.error({ err: error, child: child.pid }, 'worker process');
      // The process could not be started, so that no exit follows.
      if (child.pid === undefined) this.replace(startedAt);
    });
    child.once('exit', (code, signal) => {
      if (!this.stopping) logger.warn({ child: child.pid, code, signal }, 'worker process ended');
      this.replace(startedAt);
    });
  }

  private replace(startedAt: number): void {
    this.child = undefined;
    if (this.stopping) return;
    if (performance.now() - startedAt > healthyMs) this.pauseMs = shortestPauseMs;
    this.restart = setTimeout(() => this.launch(), this.pauseMs);
    this.pauseMs = Math.min(this.pauseMs * 2, longestPauseMs);
  }
}
