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
import { type OwnServer, startNodeServer, startPythonServer } from './server-process.js';
import { Servers } from './servers.js';
import { asOf } from './shop.js';

/** Stored predictions: ours, plain Apollo Server, Mercurius with JIT, FastAPI. */
export async function measureStored(database: BenchDatabase, effort: Effort): Promise<Record<string, LoadSummary>> {
  const { environment, key } = database;
  await using servers = new Servers();
  const kinds = ['ours', 'apollo', 'mercurius'] as const;
  const own: OwnServer[] = [];
  for (const kind of kinds) own.push(await servers.add(startNodeServer(kind, environment)));
  const fastapi = await servers.add(
    startPythonServer(await freePort(), {
      PEER_DATABASE_URL: database.url.replace(/^postgres(ql)?:/, 'postgresql+asyncpg:'),
      PEER_AS_OF: asOf.toISOString(),
    }),
  );
  const starts = await pageStarts(own[0]!.url, key, 100);
  const subjects = own.map((server, i): Subject => ({
    name: kinds[i]!,
    url: server.url,
    pid: server.pid,
    own: server,
    bodies: starts.map(({ cursor }) => bodyOf(storedPage, cursor)),
  }));
  const bodies = starts.map(({ lastId }) => bodyOf(storedPage, lastId));
  subjects.push({ name: 'fastapi', url: fastapi.url, pid: fastapi.pid, own: null, bodies });
  await sameAnswers(subjects, key);
  return await alternate(subjects, key, effort);
}

/** Pages with their explanations stored: ours and plain Apollo Server. */
export async function measureExplained(database: BenchDatabase, effort: Effort): Promise<Record<string, LoadSummary>> {
  const { environment, key } = database;
  await using servers = new Servers();
  const ours = await servers.add(startNodeServer('ours', environment));
  const apollo = await servers.add(startNodeServer('apollo', environment));
  const pages = (await pageStarts(ours.url, key, 5)).map(({ cursor }) => cursor);
  for (const after of pages) await ask(ours.url, key, explainedPage, { after });
  const bodies = pages.map((after) => bodyOf(explainedPage, after));
  const subjects = [
    { name: 'ours', url: ours.url, pid: ours.pid, own: ours, bodies },
    { name: 'apollo', url: apollo.url, pid: apollo.pid, own: apollo, bodies },
  ];
  await sameAnswers(subjects, key);
  return await alternate(subjects, key, effort);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' ? address!.port : 0;
}
