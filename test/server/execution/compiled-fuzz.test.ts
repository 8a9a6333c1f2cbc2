import { readFileSync } from 'node:fs';
import {
  buildSchema,
  execute,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  parse,
  print,
  validate,
} from 'graphql';
import * as jit from 'graphql-jit';
import { pino } from 'pino';
import { expect, it, vi } from 'vitest';
import { Random } from '../../../src/random.js';
import type { RequestContext } from '../../../src/resolvers/context.js';
import { createApollo } from '../../../src/server/apollo.js';
import { createErrorFormatter } from '../../../src/server/errors.js';
import { RandomQueries } from './random-queries.js';

vi.mock('graphql-jit', { spy: true });

const schema = buildSchema(readFileSync('src/schema/schema.graphql', 'utf8'));
const logger = pino({ level: 'silent' });
const contextValue = { actor: { id: '1', role: 'ADMIN' } } as RequestContext;

interface Made {
  readonly seed: string;
  readonly __typename: string;
}

/** The same for the same place in an answer, the arguments and what is asked for below. */
function valueOf(type: GraphQLOutputType, seed: string): unknown {
  const random = new Random(seed);
  if (isNonNullType(type)) return valueOf(type.ofType, seed);
  if (random.uniform() < 0.05) return null;
  if (isListType(type))
    return Array.from({ length: random.integer(3) }, (_, i) => valueOf(type.ofType, `${seed}/${i}`));
  if (isEnumType(type)) return random.pick(type.getValues()).value;
  const possible = isAbstractType(type) ? schema.getPossibleTypes(type) : [type];
  if (isCompositeType(type)) return { seed, __typename: possible[random.integer(possible.length)]!.name };
  if (type.name === 'Boolean') return random.uniform() < 0.5;
  return type.name === 'String' || type.name === 'ID' ? seed.slice(-9) : random.integer(1_000);
}

function resolve(parent: Made | undefined, args: object, _context: unknown, info: GraphQLResolveInfo): unknown {
  const below = info.fieldNodes.map(({ selectionSet }) => (selectionSet ? print(selectionSet) : '')).join();
  const seed = `${parent?.seed ?? ''}.${info.fieldName}${JSON.stringify(args)}${below}`;
  if (new Random(`${seed}!`).uniform() < 0.03) throw new Error('failed');
  return valueOf(info.returnType, seed);
}

for (const type of Object.values(schema.getTypeMap())) {
  if (type.name.startsWith('__')) continue;
  if (isObjectType(type)) for (const field of Object.values(type.getFields())) field.resolve = resolve;
  if (isAbstractType(type)) type.resolveType = ({ __typename }: Made) => __typename;
}

it('answers any query as GraphQL’s own executor does', async () => {
  const apollo = createApollo({ schema, formatError: createErrorFormatter(logger), logger, maxQueryCost: 1e9 });
  await apollo.start();
  let compared = 0;
  for (let i = 0; i < 1_000; i++) {
    const query = new RandomQueries(schema, new Random(`query ${i}`)).query();
    const document = parse(query);
    if (validate(schema, document).length > 0) continue;
    const { data, errors } = await execute({ schema, document, contextValue });
    const expected = { query, data: JSON.stringify(data), failed: errors !== undefined };
    // It is compiled when it comes for the second time.
    for (let time = 0; time < 3; time++) {
      const { body } = await apollo.executeOperation({ query }, { contextValue });
      const answer = body.kind === 'single' ? body.singleResult : {};
      if (answer.errors?.[0]?.extensions?.['code'] === 'QUERY_TOO_COMPLEX') break;
      expect({ query, data: JSON.stringify(answer.data), failed: answer.errors !== undefined }).toEqual(expected);
      compared++;
    }
  }
  await apollo.stop();
  expect(compared).toBeGreaterThan(1_500);
  expect(vi.mocked(jit.compileQuery).mock.calls.length).toBeGreaterThan(250);
});
