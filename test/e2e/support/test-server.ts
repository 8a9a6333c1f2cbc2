import { Writable } from 'node:stream';
import { afterAll, beforeAll } from 'vitest';
import { loadConfig, type Config } from '../../../src/config.js';
import { apiRoles, type ApiRole } from '../../../src/entities/index.js';
import { openQueue } from '../../../src/jobs/open-queue.js';
import type { Inference } from '../../../src/services/inference/inference.js';
import { LocalInference } from '../../../src/services/inference/local-inference.js';
import { createLogger } from '../../../src/server/logger.js';
import { createServices, type Services } from '../../../src/services/create-services.js';
import { startServer } from '../../../src/server/start-server.js';
import { createTestDatabase, type OpenTestDatabase, type TestDatabase } from '../../support/database.js';
import { createScoredShop } from '../../support/scored-shop.js';

interface GraphqlError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: { readonly code: string; readonly [name: string]: unknown };
}

export interface GraphqlAnswer<Data> {
  readonly data: Data;
  readonly errors?: readonly GraphqlError[];
}

export interface Ask {
  readonly as?: ApiRole | null;
  readonly variables?: Record<string, unknown>;
}

/** The real server on a real database of its own, with a key of each role. */
export interface OpenTestServer {
  readonly url: string;
  readonly database: OpenTestDatabase;
  readonly services: Services;
  readonly keys: Readonly<Record<ApiRole, string>>;
  /** What the server has logged, as JSON lines. */
  readonly log: readonly string[];
  /** One operation over HTTP, as ADMIN unless another role (null: nobody) is named. */
  ask<Data = Record<string, unknown>>(query: string, options?: Ask): Promise<GraphqlAnswer<Data>>;
  /** Closes the server only; disposing of it afterwards is still needed. */
  close(): Promise<void>;
  fetch(path: string, init?: RequestInit): Promise<Response>;
}

export interface TestServer extends OpenTestServer, AsyncDisposable {}

/**
 * @param databaseOfServer the server's own from now on; by default an empty one
 * @param inferenceOn the server's own, too; by default in this process
 */
export async function startTestServer(
  settings: Partial<Config> = {},
  databaseOfServer: Promise<TestDatabase> = createTestDatabase(),
  inferenceOn: (database: TestDatabase, config: Config) => Inference = ({ dataSource }, config) =>
    new LocalInference(dataSource, config),
): Promise<TestServer> {
  const database = await databaseOfServer;
  const { dataSource } = database;
  const config = { ...loadConfig({}, '/nonexistent').config, port: 0, ...settings };
  const log: string[] = [];
  const stream = new Writable({ write: (chunk, _encoding, done) => (log.push(String(chunk)), done()) });
  const logger = createLogger({ logLevel: 'info' }, stream);
  const queue = await openQueue(dataSource, { logger });
  const inference = inferenceOn(database, config);
  const services = createServices({ config, dataSource, queue, inference });
  const server = await startServer({ config, dataSource, services, logger });
  const created = await Promise.all(apiRoles.map((role) => services.apiKeys.create(`test ${role}`, role)));
  const keys = Object.fromEntries(created.map(({ key, apiKey }) => [apiKey.role, key])) as Record<ApiRole, string>;

  return {
    url: server.url,
    database,
    services,
    keys,
    log,
    async ask<Data>(query: string, { as = 'ADMIN', variables }: Ask = {}) {
      const response = await fetch(server.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(as ? { authorization: `Bearer ${keys[as]}` } : {}) },
        body: JSON.stringify({ query, variables }),
      });
      return (await response.json()) as GraphqlAnswer<Data>;
    },
    close: () => server.close(),
    fetch: (path, init) => fetch(new URL(path, server.url), init),
    async [Symbol.asyncDispose]() {
      await server.close();
      await inference.close();
      await queue.close();
      await database[Symbol.asyncDispose]();
    },
  };
}

/** One for the tests of the block that calls this. @param createDatabase that it is to have; by default an empty one */
export function useTestServer(
  settings: Partial<Config> = {},
  createDatabase?: () => Promise<TestDatabase>,
): OpenTestServer {
  let server: TestServer;
  beforeAll(async () => void (server = await startTestServer(settings, createDatabase?.())));
  afterAll(() => server[Symbol.asyncDispose]());
  return {
    get url() {
      return server.url;
    },
    get database() {
      return server.database;
    },
    get services() {
      return server.services;
    },
    get keys() {
      return server.keys;
    },
    get log() {
      return server.log;
    },
    ask: (query, options) => server.ask(query, options),
    close: () => server.close(),
    fetch: (path, init) => server.fetch(path, init),
  };
}

/** The same on a scored shop, whose model it executes. */
export const useScoredServer = () => useTestServer({ device: 'cpu', threads: 1 }, createScoredShop);
