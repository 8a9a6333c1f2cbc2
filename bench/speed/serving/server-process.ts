import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { python } from '../engine/peer.js';

/** `unbatched` is ours with no sharing of batches between requests. */
export type ServerKind = 'ours' | 'unbatched' | 'apollo' | 'mercurius';

/** How often the event loop is looked at. */
export const delayResolutionMs = 5;

/** Since the last reset. */
export interface ServerReport {
  readonly longestStallMs: number;
  readonly modelBatches: number;
}

/** A server in a process of its own. */
export interface RunningServer {
  readonly pid: number;
  readonly url: string;
  stop(): Promise<void>;
}

export interface OwnServer extends RunningServer {
  reset(): void;
  report(): Promise<ServerReport>;
}

export async function startNodeServer(kind: ServerKind, environment: NodeJS.ProcessEnv): Promise<OwnServer> {
  const isOurs = kind === 'ours' || kind === 'unbatched';
  const child = fork(new URL('./server-main.js', import.meta.url), [kind], {
    // As `npm start` has it.
    execArgv: isOurs ? ['--max-semi-space-size=64'] : [],
    env: { ...process.env, NODE_ENV: 'production', ...environment, PORT: '0' },
  });
  const [{ url }] = (await Promise.race([once(child, 'message'), failed(child, kind)])) as [{ url: string }];
  return {
    pid: child.pid!,
    url,
    reset: () => void child.send('reset'),
    async report() {
      child.send('report');
      const [report] = (await once(child, 'message')) as [ServerReport];
      return report;
    },
    async stop() {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}

/** That a process has used so far, of all cores together; Linux only, elsewhere 0. */
export function processorMs(pid: number): number {
  if (process.platform !== 'linux') return 0;
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [user, system] = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  return (Number(user) + Number(system)) * 10;
}

/** The FastAPI peer under uvicorn, one process, with uvloop and httptools. */
export async function startPythonServer(port: number, environment: NodeJS.ProcessEnv): Promise<RunningServer> {
  const source = fileURLToPath(new URL('../../../../bench/speed/serving', import.meta.url));
  const command = ['-m', 'uvicorn', 'peer:app', '--app-dir', source, '--port', String(port)];
  const options = ['--loop', 'uvloop', '--http', 'httptools', '--no-access-log', '--log-level', 'warning'];
  const child = spawn(python, [...command, ...options], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const url = `http://127.0.0.1:${port}/graphql`;
  const answers = () =>
    fetch(`http://127.0.0.1:${port}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    );
  const ended = failed(child, 'uvicorn');
  while (!(await Promise.race([answers(), ended]))) await sleep(200);
  return {
    pid: child.pid!,
    url,
    async stop() {
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      await exit;
    },
  };
}

async function failed(child: ChildProcess, name: string): Promise<never> {
  const [code] = await once(child, 'exit');
  throw new Error(`${name} ended with code ${code} before it was ready.`);
}
