import { once } from 'node:events';
import { createServer } from 'node:net';
import type { BenchDatabase } from './bench-database.js';
import { ask } from './load.js';
import type { LoadSummary } from './measures.js';
import {
  alternate,
  bodyOf,
  type Effort,
  explainedPage,
  pageStarts,
  sameAnswers,
  storedPage,
  type Subject,
} from './pages.js';
import {
  type OwnServer,
  type RunningServer,
  type ServerKind,
  startNodeServer,
  startPythonServer,
} from './server-process.js';
import { asOf } from './shop.js';

/** Stored predictions: ours, plain Apollo Server, Mercurius with JIT, FastAPI. */
export async function measureStored(database: BenchDatabase, effort: Effort): Promise<Record<string, LoadSummary>> {
  const { environment, key } = database;
  const servers = new Map<ServerKind, OwnServer>();
  let fastapi: RunningServer | undefined;
  // From the first start on: a server that is left running keeps this process from ending.
  try {
    for (const kind of ['ours', 'apollo', 'mercurius'] as const) {
      servers.set(kind, await startNodeServer(kind, environment));
    }
    fastapi = await startPythonServer(await freePort(), {
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
    await sameAnswers(subjects, key);
    return await alternate(subjects, key, effort);
  } finally {
    for (const server of servers.values()) await server.stop();
    await fastapi?.stop();
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

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' ? address!.port : 0;
}
