import { createServer } from 'node:net';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { superviseWorkers } from '../../../src/jobs/supervisor.js';
import { globalId, localId } from '../../../src/schema/global-id.js';
import { spreadOf } from '../results.js';
import type { BenchDatabase } from './bench-database.js';
import { ask, load, type Load } from './load.js';
import { type BurstSummary, type ColdPage, type LoadSummary, summaryOf } from './measures.js';
import {
  type OwnServer,
  type ServerKind,
  type ServerReport,
  startNodeServer,
  startPythonServer,
} from './server-process.js';
import { asOf, originals } from './shop.js';

export interface Effort {
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
}

const value = 'predicted interval { lower upper } percentile tier';
const storedPage = `query($after: String) { customers(first: 50, after: $after) { edges { node { clv { ${value} } } } } }`;
const explainedPage = storedPage.replace(value, `${value} explanation { baseline contributions { label amount } }`);

/** Before that long, Node has not compiled all that it will. */
const warmUpSeconds = 8;

interface Subject {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
  readonly bodies: readonly string[];
  readonly own: OwnServer | null;
}

/** Measures the subjects in turn, so many rounds, each round beginning with another one. */
async function alternate(
  subjects: readonly Subject[],
  key: string,
  { rounds, seconds, connections }: Effort,
): Promise<Record<string, LoadSummary>> {
  const measured = new Map<string, { load: Load; report: ServerReport | null }[]>();
  for (const { url, pid, bodies } of subjects)
    await load({ url, pid, key, bodies, seconds: warmUpSeconds, connections });
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < subjects.length; i++) {
      const { name, url, pid, bodies, own } = subjects[(round + i) % subjects.length]!;
      own?.reset();
      const outcome = {
        load: await load({ url, pid, key, bodies, seconds, connections }),
        report: (await own?.report()) ?? null,
      };
      measured.set(name, [...(measured.get(name) ?? []), outcome]);
      console.log(
        `${name}: ${Math.round(outcome.load.requestsPerSecond)} requests/s, p99 ${outcome.load.p99Ms} ms, ${outcome.load.processorMsPerRequest.toFixed(1)} ms of processor time each`,
      );
    }
  }
  return Object.fromEntries([...measured].map(([name, loads]) => [name, summaryOf(loads)]));
}

const bodyOf = (query: string, after: string | null): string => JSON.stringify({ query, variables: { after } });

interface PageStart {
  readonly cursor: string;
  readonly lastId: string;
}

/** Where pages all over the base begin. */
async function pageStarts(url: string, key: string, most: number): Promise<PageStart[]> {
  const starts: PageStart[] = [];
  const query = 'query($after: String) { customers(first: 200, after: $after) { edges { cursor node { id } } } }';
  for (let after: string | null = null; starts.length < most; after = starts.at(-1)!.cursor) {
    const page: { customers: { edges: { cursor: string; node: { id: string } }[] } } = await ask(url, key, query, {
      after,
    });
    const last = page.customers.edges.at(-1);
    if (!last) break;
    starts.push({ cursor: last.cursor, lastId: localId('Customer', last.node.id) });
  }
  // Behind the last one there is no page.
  return starts.slice(0, -1);
}

/** Stored predictions: ours, plain Apollo Server, Mercurius with JIT, FastAPI. */
export async function measureStored(database: BenchDatabase, effort: Effort): Promise<Record<string, LoadSummary>> {
  const { environment, key } = database;
  const servers = new Map<ServerKind, OwnServer>();
  for (const kind of ['ours', 'apollo', 'mercurius'] as const) {
    servers.set(kind, await startNodeServer(kind, environment));
  }
  const fastapi = await startPythonServer(await freePort(), {
    PEER_DATABASE_URL: database.url.replace(/^postgres(ql)?:/, 'postgresql+asyncpg:'),
    PEER_AS_OF: asOf.toISOString(),
  });
  const starts = await pageStarts(servers.get('ours')!.url, key, 100);
  const subjects: Subject[] = [...servers].map(([name, own]) => ({
    name,
    url: own.url,
    pid: own.pid,
    own,
    bodies: starts.map(({ cursor }) => bodyOf(storedPage, cursor)),
  }));
  const bodies = starts.map(({ lastId }) => bodyOf(storedPage, lastId));
  subjects.push({ name: 'fastapi', url: fastapi.url, pid: fastapi.pid, own: null, bodies });
  try {
    await sameAnswers(subjects, key);
    return await alternate(subjects, key, effort);
  } finally {
    for (const { stop } of [...servers.values(), fastapi]) await stop();
  }
}

/** A peer that answers something else is no peer. */
async function sameAnswers(subjects: readonly Subject[], key: string): Promise<void> {
  const answers = await Promise.all(
    subjects.map(async ({ url, bodies }) => {
      const { query, variables } = JSON.parse(bodies[0]!) as { query: string; variables: object };
      return JSON.stringify(await ask(url, key, query, variables), (_name, each: unknown) =>
        typeof each === 'number' ? Number(each.toPrecision(5)) : each,
      );
    }),
  );
  for (const [i, { name }] of subjects.entries()) {
    if (answers[i] !== answers[0])
      throw new Error(
        `${name} answers otherwise: ${answers[i]?.slice(0, 500)} instead of ${answers[0]?.slice(0, 500)}`,
      );
  }
}

/** Pages with their explanations stored: ours and plain Apollo Server. */
export async function measureExplained(database: BenchDatabase, effort: Effort): Promise<Record<string, LoadSummary>> {
  const { environment, key } = database;
  const [ours, apollo] = [await startNodeServer('ours', environment), await startNodeServer('apollo', environment)];
  const pages = (await pageStarts(ours.url, key, 5)).map(({ cursor }) => cursor);
  for (const after of pages) await ask(ours.url, key, explainedPage, { after });
  const bodies = pages.map((after) => bodyOf(explainedPage, after));
  const subjects = [
    { name: 'ours', url: ours.url, pid: ours.pid, own: ours, bodies },
    { name: 'apollo', url: apollo.url, pid: apollo.pid, own: apollo, bodies },
  ];
  try {
    await sameAnswers(subjects, key);
    return await alternate(subjects, key, effort);
  } finally {
    for (const { stop } of [ours, apollo]) await stop();
  }
}

/** A page of which nothing is stored: values and explanations. */
export async function measureCold(database: BenchDatabase): Promise<ColdPage> {
  const { environment, key } = database;
  const ours = await startNodeServer('ours', environment);
  try {
    // The model and its programs are in memory after the first one.
    for (const warm of [true, false]) {
      await outdate(database, originals);
      await database.query('delete from explanation');
      ours.reset();
      const began = performance.now();
      await ask(ours.url, key, explainedPage);
      const ms = performance.now() - began;
      if (!warm) return { customers: 50, ms, longestStallMs: (await ours.report()).longestStallMs };
    }
    throw new Error('unreachable');
  } finally {
    await renew(database);
    await ours.stop();
  }
}

/** So that predictions of the first so many customers hold no longer. */
async function outdate(database: BenchDatabase, customers: number): Promise<void> {
  await database.query('update customer set facts_changed_at = clock_timestamp() where id <= $1', [customers]);
}

/** What `outdate` has left: the next step is to find all predictions stored. */
async function renew(database: BenchDatabase): Promise<void> {
  await database.query(
    `update prediction p set facts_changed_at = c.facts_changed_at from customer c
     where c.id = p.customer_id and p.facts_changed_at <> c.facts_changed_at`,
  );
  await database.query('vacuum (analyze) prediction, customer');
}

const clients = 64;
/** For the same reason as `warmUpSeconds`. */
const warmUpBursts = 5;

/** 64 clients at once, each with a customer whose prediction must be computed: sharing batches, and each by itself. */
export async function measureBurst(
  database: BenchDatabase,
  { rounds }: Effort,
): Promise<Record<'together' | 'apart', BurstSummary>> {
  const { environment, key } = database;
  const servers = {
    together: await startNodeServer('ours', environment),
    apart: await startNodeServer('unbatched', environment),
  };
  const names = ['together', 'apart'] as const;
  const bursts = { together: [] as Burst[], apart: [] as Burst[] };
  try {
    for (let i = 0; i < warmUpBursts; i++) for (const name of names) await burst(database, servers[name], key);
    for (let round = 0; round < rounds; round++) {
      for (const name of round % 2 ? names.toReversed() : names) {
        bursts[name].push(await burst(database, servers[name], key));
        console.log(`${name}: ${JSON.stringify(bursts[name].at(-1))}`);
      }
    }
  } finally {
    await renew(database);
    for (const { stop } of Object.values(servers)) await stop();
  }
  return { together: summaryOfBursts(bursts.together), apart: summaryOfBursts(bursts.apart) };
}

interface Burst {
  readonly ms: number;
  readonly modelBatches: number;
  readonly longestStallMs: number;
}

async function burst(database: BenchDatabase, server: OwnServer, key: string): Promise<Burst> {
  const ids = await database.query<{ id: string }>(
    `select customer_id as id from prediction where customer_id <= ${originals} order by md5(customer_id::text) limit $1`,
    [clients],
  );
  // Connections are open before the clock starts.
  await Promise.all(ids.map(() => ask(server.url, key, '{ me { id } }')));
  await outdate(database, originals);
  server.reset();
  const began = performance.now();
  await Promise.all(
    ids.map(({ id }) =>
      ask(server.url, key, `query($id: ID!) { customer(id: $id) { clv { ${value} } } }`, {
        id: globalId('Customer', id),
      }),
    ),
  );
  const ms = performance.now() - began;
  const { modelBatches, longestStallMs } = await server.report();
  return { ms, modelBatches, longestStallMs };
}

function summaryOfBursts(bursts: readonly Burst[]): BurstSummary {
  return {
    ms: spreadOf(bursts.map(({ ms }) => ms)),
    modelBatches: spreadOf(bursts.map(({ modelBatches }) => modelBatches)),
    longestStallMs: spreadOf(bursts.map(({ longestStallMs }) => longestStallMs)),
  };
}

/** Requests a second while a model is trained: what a CRM asks for, far from what the server can do. */
const steadyRate = 40;

/** Stored pages at a steady rate, while a worker on the same machine trains a model and while it does not. */
export async function measureTraining(
  database: BenchDatabase,
  { rounds, seconds }: Effort,
): Promise<Record<'without' | 'with', LoadSummary>> {
  const { environment, key } = database;
  const ours = await startNodeServer('ours', environment);
  const workers = superviseWorkers({ count: 1, logger: pino({ level: 'warn' }), environment });
  await workers.ready;
  const bodies = (await pageStarts(ours.url, key, 100)).map(({ cursor }) => bodyOf(storedPage, cursor));
  const measured = { without: [] as Outcome[], with: [] as Outcome[] };
  const measure = async (name: keyof typeof measured) => {
    ours.reset();
    const outcome = await load({
      url: ours.url,
      pid: ours.pid,
      key,
      bodies,
      seconds,
      connections: 8,
      rate: steadyRate,
    });
    measured[name].push({ load: outcome, report: await ours.report() });
    console.log(`${name}: p50 ${outcome.p50Ms} ms, p99 ${outcome.p99Ms} ms`);
  };
  try {
    await load({ url: ours.url, pid: ours.pid, key, bodies, seconds: 2, connections: 8, rate: steadyRate });
    for (let round = 0; round < rounds; round++) {
      await measure('without');
      const run = await startTraining(ours.url, key, database.snapshotId);
      await measure('with');
      await stopTraining(ours.url, key, run);
    }
  } finally {
    await workers.stop();
    await ours.stop();
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

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' ? address!.port : 0;
}
