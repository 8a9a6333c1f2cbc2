import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { buildSchema, type GraphQLObjectType, type GraphQLResolveInfo, print } from 'graphql';
import * as jit from 'graphql-jit';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RequestContext } from '../../../src/resolvers/context.js';
import { createApollo } from '../../../src/server/apollo.js';
import { createErrorFormatter } from '../../../src/server/errors.js';

vi.mock('graphql-jit', { spy: true });

const logger = pino({ level: 'silent' });
const contextValue = { actor: { id: '1', role: 'VIEWER' } } as RequestContext;

describe('queries that ask for very much', () => {
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

  it('have no name that is too long to be looked at', async () => {
    const query = `{ shop { ${'a_'.repeat(101)}: name } }`;
    for (let time = 0; time < 3; time++) await apollo.executeOperation({ query }, { contextValue });
    expect(compiled).not.toHaveBeenCalled();
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

it('tells resolvers what they are asked for, also where one name is the path to another field', async () => {
  const schema = buildSchema('type Query { a: A } type A { b: A asked: String c: Int d: Int }');
  const asked = (_root: unknown, _args: unknown, _context: unknown, { fieldNodes }: GraphQLResolveInfo) => ({
    asked: fieldNodes.map((node) => print(node.selectionSet!).replaceAll(/\s+/g, ' ')).join(),
  });
  schema.getQueryType()!.getFields()['a']!.resolve = asked;
  (schema.getType('A') as GraphQLObjectType).getFields()['b']!.resolve = asked;
  const apollo = createApollo({ schema, formatError: createErrorFormatter(logger), logger, maxQueryCost: 100_000 });
  await apollo.start();
  for (let time = 0; time < 3; time++) {
    const query = '{ a { b { asked c } } b_a: a { asked d } }';
    const { body } = await apollo.executeOperation({ query }, { contextValue });
    const data = { a: { b: { asked: '{ asked c }', c: null } }, b_a: { asked: '{ asked d }', d: null } };
    expect(body).toMatchObject({ singleResult: { data } });
  }
  await apollo.stop();
});

describe('texts that the compiler would replace by code', () => {
  const compiler = new URL('execution.js', `file://${createRequire(import.meta.url).resolve('graphql-jit')}`);
  const marks = [...readFileSync(compiler, 'utf8').matchAll(/"(__MAGIC_\w+)"/g)].map(([, mark]) => mark!);
  const schema = buildSchema('scalar Json type Query { same(of: Json): Json }');
  schema.getQueryType()!.getFields()['same']!.resolve = (_root, { of }: { of: unknown }) => of;
  const apollo = createApollo({ schema, formatError: createErrorFormatter(logger), logger, maxQueryCost: 100_000 });
  beforeAll(() => apollo.start());
  afterAll(() => apollo.stop());

  it('are those that this test knows', () => expect(marks).toHaveLength(4));

  it.each(marks)('stay texts: %s', async (mark) => {
    const code = `${mark}globalThis.ran = 1`;
    const asked = [`{ ${mark}: 1 }`, `"${mark}"`, `"${code}"`, `"\\u005f${code.slice(1)}"`, `${mark}1`];
    const answers = [{ [mark]: 1 }, mark, code, code, `${mark}1`];
    for (const [i, value] of asked.entries()) {
      for (let time = 0; time < 3; time++) {
        const { body } = await apollo.executeOperation({ query: `{ same(of: ${value}) }` }, { contextValue });
        expect(body).toMatchObject({ singleResult: { data: { same: answers[i] } } });
      }
    }
    expect(globalThis).not.toHaveProperty('ran');
  });
});
