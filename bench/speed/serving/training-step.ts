import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { superviseWorkers } from '../../../src/jobs/supervisor.js';
import { globalId } from '../../../src/schema/global-id.js';
import type { BenchDatabase } from './bench-database.js';
import { ask, load, type Load } from './load.js';
import { type LoadSummary, summaryOf } from './measures.js';
import { bodyOf, type Effort, pageStarts, storedPage } from './pages.js';
import { type ServerReport, startNodeServer } from './server-process.js';
import { Servers } from './servers.js';

/** Requests a second while a model is trained: what a CRM asks for, far from what the server can do. */
const steadyRate = 40;
/** So many seconds that the 99th percentile of a round is not its slowest request. */
export const steady = { connections: 8, seconds: 10 } as const;

/** Stored pages at a steady rate, while a worker on the same machine trains a model and while it does not. */
export async function measureTraining(
  database: BenchDatabase,
  { rounds }: Effort,
): Promise<Record<'without' | 'with', LoadSummary>> {
  const { environment, key } = database;
  await using servers = new Servers();
  const ours = await servers.add(startNodeServer('ours', environment));
  const bodies = (await pageStarts(ours.url, key, 100)).map(({ cursor }) => bodyOf(storedPage, cursor));
  const measured = { without: [] as Outcome[], with: [] as Outcome[] };
  const measure = async (name: keyof typeof measured) => {
    ours.reset();
    const outcome = await load({ url: ours.url, pid: ours.pid, key, bodies, ...steady, rate: steadyRate });
    measured[name].push({ load: outcome, report: await ours.report() });
    console.log(`${name}: p50 ${outcome.p50Ms} ms, p99 ${outcome.p99Ms} ms`);
  };
  const workers = superviseWorkers({ count: 1, logger: pino({ level: 'warn' }), environment });
  try {
    await workers.ready;
    await load({ url: ours.url, pid: ours.pid, key, bodies, ...steady, rate: steadyRate });
    for (let round = 0; round < rounds; round++) {
      await measure('without');
      const run = await startTraining(ours.url, key, database.snapshotId);
      await measure('with');
      await stopTraining(ours.url, key, run);
    }
  } finally {
    await workers.stop();
  }
  return { without: summaryOf(measured.without), with: summaryOf(measured.with) };
}

interface Outcome {
  readonly load: Load;
  readonly report: ServerReport;
}

async function startTraining(url: string, key: string, snapshotId: string): Promise<string> {
  const { startFineTune } = await ask<{ startFineTune: { id: string } }>(
    url,
    key,
    'mutation($id: ID!) { startFineTune(input: { snapshotId: $id, epochs: 20 }) { ... on Run { id } } }',
    { id: globalId('Snapshot', snapshotId) },
  );
  await untilRun(url, key, startFineTune.id, ({ phase }) => phase.startsWith('training'));
  return startFineTune.id;
}

async function stopTraining(url: string, key: string, id: string): Promise<void> {
  await ask(url, key, 'mutation($id: ID!) { cancelRun(id: $id) { id } }', { id });
  await untilRun(url, key, id, ({ state }) => state !== 'RUNNING');
}

interface RunState {
  readonly state: string;
  readonly phase: string;
}

async function untilRun(url: string, key: string, id: string, reached: (run: RunState) => boolean): Promise<void> {
  const query = 'query($id: ID!) { node(id: $id) { ... on Run { state phase } } }';
  for (;;) {
    const { node } = await ask<{ node: RunState }>(url, key, query, { id });
    if (reached(node)) return;
    if (node.state === 'FAILED') throw new Error('The fine-tune failed.');
    await sleep(200);
  }
}
