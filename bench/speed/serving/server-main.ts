import 'reflect-metadata';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import fastify from 'fastify';
import mercurius from 'mercurius';
import { pino } from 'pino';
import { loadConfig } from '../../../src/config.js';
import { openDatabase } from '../../../src/database/open-database.js';
import { openQueue } from '../../../src/jobs/open-queue.js';
import type { RequestContext } from '../../../src/resolvers/context.js';
import { buildSchema } from '../../../src/server/build-schema.js';
import { apiKeyOf } from '../../../src/server/authentication.js';
import { createServices, type Services } from '../../../src/services/create-services.js';
import { createContext } from '../../../src/server/request-context.js';
import { startServer } from '../../../src/server/start-server.js';
import { InferenceProcess } from '../../../src/services/inference/inference-process.js';
import { MicroBatcher } from '../../../src/services/micro-batcher.js';
import { delayResolutionMs, type ServerKind, type ServerReport } from './server-process.js';

const kind = process.argv[2] as ServerKind;
const { config } = loadConfig();
const database = await openDatabase(config);
const logger = pino({ level: config.logLevel });

/** Counts what it is asked for. */
class CountingInference extends InferenceProcess {
  batches = 0;

  override score(...args: Parameters<InferenceProcess['score']>) {
    this.batches++;
    return super.score(...args);
  }
}

const inference = new CountingInference({ environment: {} });
const queue = await openQueue(database.dataSource, { logger });
const services = createServices({ config, dataSource: database.dataSource, queue, inference });
if (kind === 'unbatched') {
  Object.assign(MicroBatcher.prototype, {
    load(this: { run: (keys: readonly unknown[]) => Promise<unknown[]> }, keys: readonly unknown[]) {
      return this.run(keys);
    },
  });
}

const starters: Record<ServerKind, (services: Services) => Promise<string>> = {
  ours: async () => (await startServer({ config, dataSource: database.dataSource, services, logger })).url,
  unbatched: async () => (await startServer({ config, dataSource: database.dataSource, services, logger })).url,
  async apollo() {
    const server = new ApolloServer<RequestContext>({ schema: await buildSchema() });
    const { url } = await startStandaloneServer(server, {
      listen: { port: 0, host: '127.0.0.1' },
      context: ({ req }) => createContext(apiKeyOf(req.headers), services),
    });
    return url;
  },
  async mercurius() {
    const app = fastify();
    await app.register(mercurius, {
      schema: await buildSchema(),
      jit: 1,
      context: (request) => createContext(apiKeyOf(request.headers), services),
    });
    return `${await app.listen({ port: 0, host: '127.0.0.1' })}/graphql`;
  },
};

const delay = monitorEventLoopDelay({ resolution: delayResolutionMs });
delay.enable();
process.on('message', (message: 'reset' | 'report') => {
  if (message === 'report') {
    const report: ServerReport = {
      longestStallMs: Math.max(0, delay.max / 1e6 - delayResolutionMs),
      modelBatches: inference.batches,
    };
    process.send?.(report);
    return;
  }
  delay.reset();
  inference.batches = 0;
});
process.once('disconnect', async () => {
  await inference.close();
  process.exit(0);
});
await inference.engine();
process.send?.({ url: await starters[kind](services) });
