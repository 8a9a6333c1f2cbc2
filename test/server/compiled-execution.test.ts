import { buildSchema } from 'graphql';
import * as jit from 'graphql-jit';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RequestContext } from '../../src/resolvers/context.js';
import { createApollo } from '../../src/server/apollo.js';
import { createErrorFormatter } from '../../src/server/errors.js';

vi.mock('graphql-jit', { spy: true });

describe('queries that ask for very much', () => {
  const logger = pino({ level: 'silent' });
  const schema = buildSchema('type Query { shop: Shop } type Shop { name: String }');
  const apollo = createApollo({ schema, formatError: createErrorFormatter(logger), logger, maxQueryCost: 100_000 });
  const compiled = vi.mocked(jit.compileQuery);
  beforeAll(() => apollo.start());
  beforeEach(() => void compiled.mockClear());
  afterAll(() => apollo.stop());

  /** Asks twice, as for what is compiled. @param fields with the fragment written out */
  async function ask(fields: number, name: string): Promise<void> {
    const spreads = fields / 50 - 1;
    const query = `query ${name} { shop { ${'...F '.repeat(spreads)}} } fragment F on Shop { ${'name '.repeat(49)}}`;
    const contextValue = { actor: { id: '1', role: 'VIEWER' } } as RequestContext;
    for (let time = 0; time < 2; time++) {
      const { body } = await apollo.executeOperation({ query }, { contextValue });
      expect(body).toMatchObject({ singleResult: { data: { shop: null } } });
    }
  }

  it('are not compiled: that takes as much time and memory', async () => {
    await ask(900, 'few');
    expect(compiled).toHaveBeenCalledTimes(1);
    await ask(1_200, 'many');
    expect(compiled).toHaveBeenCalledTimes(1);
  });

  it('push others out of what is kept sooner than small ones do', async () => {
    await ask(500, 'first');
    await ask(500, 'first');
    expect(compiled).toHaveBeenCalledTimes(1);
    for (let i = 0; i < 40; i++) await ask(900, `other${i}`);
    expect(compiled).toHaveBeenCalledTimes(41);
    await ask(500, 'first');
    expect(compiled).toHaveBeenCalledTimes(42);
  });
});
