import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { ClvError } from '../../errors.js';
import type { ExplanationContent } from '../../ml/explain/explanation.js';
import type { FeatureRow } from '../../ml/features/feature-row.js';
import { killWhenStuck, signOfLife } from '../../signs-of-life.js';
import type { ExplainedCustomer } from '../explanations/customer-explaining.js';
import type { ScoredCustomer } from '../scoring/customer-scoring.js';
import type { PredictionPeriod } from '../predictions/prediction-store.js';
import { serviceLog } from '../service-log.js';
import type { EngineInfo, Inference } from './inference.js';
import {
  errorOf,
  type InferenceReply,
  type InferenceRequest,
  type OperationName,
  type Operations,
} from './protocol.js';

const graceMs = 5_000;
const log = serviceLog('inference');

export interface InferenceProcessOptions {
  /** Added to the environment of this process, e.g. `DATABASE_URL` of the embedded Postgres. */
  readonly environment: NodeJS.ProcessEnv;
  /** Module that the process runs. */
  readonly entry?: URL;
  /** The process is killed after so long without a sign of life; by default five minutes. */
  readonly mostSilentMs?: number;
}

interface Call {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

interface Running {
  readonly child: ChildProcess;
  readonly calls: Map<number, Call>;
}

/**
 * Runs models in a process of its own: batches do not block this one's event loop, and a crash of the engine's native code does not end it.
 * The process is started at the first use, and again at the next use after it has died. One that is stuck is killed.
 */
export class InferenceProcess implements Inference {
  private running: Running | undefined;
  private lastId = 0;

  constructor(private readonly options: InferenceProcessOptions) {}

  /** Id of the process; undefined while there is none. */
  get pid(): number | undefined {
    return this.running?.child.pid;
  }

  score(period: PredictionPeriod, rows: readonly FeatureRow[]): Promise<ScoredCustomer[]> {
    return this.ask('score', [period, rows]);
  }

  explain(period: PredictionPeriod, customers: readonly ExplainedCustomer[]): Promise<ExplanationContent[]> {
    return this.ask('explain', [period, customers]);
  }

  engine(): Promise<EngineInfo> {
    return this.ask('engine', []);
  }

  /** Lets the process end in order; kills it if that takes longer than 5 seconds. */
  async close(): Promise<void> {
    const child = this.running?.child;
    if (!child?.connected) return;
    const ended = once(child, 'exit');
    child.disconnect();
    const killer = setTimeout(() => child.kill('SIGKILL'), graceMs);
    await ended;
    clearTimeout(killer);
  }

  private ask<Name extends OperationName>(
    operation: Name,
    args: Parameters<Operations[Name]>,
  ): ReturnType<Operations[Name]> {
    const { child, calls } = (this.running ??= this.launch());
    const request: InferenceRequest<Name> = { id: ++this.lastId, operation, args };
    const answer = new Promise<unknown>((resolve, reject) => {
      calls.set(request.id, { resolve, reject });
      // If sending fails, the process ends, which settles the call.
      child.send(request, () => undefined);
    });
    return answer as ReturnType<Operations[Name]>;
  }

  private launch(): Running {
    const { entry = new URL('./inference-main.js', import.meta.url), environment, mostSilentMs } = this.options;
    const child = fork(entry, {
      env: { ...process.env, ...environment },
      // Keeps typed arrays and dates.
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const running: Running = { child, calls: new Map() };
    killWhenStuck(child, () => log.error({ child: child.pid }, 'inference process is stuck: killed'), mostSilentMs);
    child.on('message', (reply: InferenceReply | typeof signOfLife) => {
      if (reply === signOfLife) return;
      const call = running.calls.get(reply.id);
      running.calls.delete(reply.id);
      if ('value' in reply) call?.resolve(reply.value);
      else call?.reject(errorOf(reply.failure));
    });
    child.once('error', (error) => this.end(running, error.message));
    child.once('exit', (code, signal) => this.end(running, signal ? `signal ${signal}` : `exit code ${code}`));
    return running;
  }

  private end(running: Running, reason: string): void {
    if (this.running === running) this.running = undefined;
    for (const { reject } of running.calls.values()) {
      const message = `The process that runs the models ended (${reason}). Ask again: another one is started.`;
      reject(new ClvError('ENGINE_UNAVAILABLE', message));
    }
    running.calls.clear();
  }
}
