import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { buildSchema } from 'graphql';
import { pino } from 'pino';
import { afterEach, expect, it, vi } from 'vitest';
import type { RequestContext } from '../../src/resolvers/context.js';
import { createApollo } from '../../src/server/apollo.js';
import { createErrorFormatter } from '../../src/server/errors.js';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

it('tells Apollo nothing, whatever the environment says for other programs', async () => {
  vi.stubEnv('APOLLO_KEY', 'service:shop:secret');
  vi.stubEnv('APOLLO_GRAPH_REF', 'shop@current');
  vi.stubEnv('APOLLO_SCHEMA_REPORTING', 'true');
  vi.stubGlobal('fetch', () => Promise.reject(new Error('no network')));
  const logged: string[] = [];
  const logger = pino({ level: 'info' }, { write: (line) => void logged.push(line) });
  const schema = buildSchema('type Query { shop: String }');
  const apollo = createApollo({ schema, formatError: createErrorFormatter(logger), logger, maxQueryCost: 10 });

  await apollo.start();
  await apollo.executeOperation({ query: '{ shop }' }, { contextValue: { actor: null } as RequestContext });
  await apollo.stop();

  // It says so where it begins to report.
  expect(logged).toEqual([]);
});

it('keeps few of the documents that it has read, however little of them is understood', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const logger = pino({ level: 'silent' });
  const schema = buildSchema('type Query { shop: String }');
  const apollo = createApollo({ schema, formatError: createErrorFormatter(logger), logger, maxQueryCost: 10 });
  await apollo.start();
  const megabytes = () => {
    collect();
    return process.memoryUsage().heapUsed / 1e6;
  };
  const before = megabytes();

  for (let i = 0; i < 700; i++) {
    const query = `{ shop } # ${String(i).padStart(90_000)}`;
    await apollo.executeOperation({ query }, { contextValue: { actor: null } as RequestContext });
  }
  const grown = megabytes() - before;
  await apollo.stop();

  // 300 of 0.09 MB; all would be 63.
  expect(grown).toBeLessThan(45);
});
