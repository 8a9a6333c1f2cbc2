import { buildSchema, graphql, type GraphQLResolveInfo } from 'graphql';
import { describe, expect, it } from 'vitest';
import { asksFor } from '../../src/resolvers/asks-for.js';

const schema = buildSchema('type Reason { baseline: Int words: String more: Reason } type Query { reason: Reason }');

async function answerTo(query: string): Promise<boolean | undefined> {
  let answer: boolean | undefined;
  const rootValue = {
    reason(_args: object, _context: unknown, info: GraphQLResolveInfo) {
      answer = asksFor(info, ['words']);
      return {};
    },
  };
  const { errors } = await graphql({ schema, source: query, rootValue });
  expect(errors).toBeUndefined();
  return answer;
}

describe('what a query asks for', () => {
  it.each([
    ['{ reason { baseline } }', false],
    ['{ reason { baseline words } }', true],
    ['{ reason { baseline other: words } }', true],
    ['{ reason { ... on Reason { words } } }', true],
    ['{ reason { ...some } } fragment some on Reason { ...all } fragment all on Reason { words }', true],
    ['{ reason { ...some } } fragment some on Reason { baseline }', false],
    ['{ reason { more { words } } }', false],
    ['{ reason { baseline } reason { words } }', true],
  ])('is found in %s', async (query, expected) => expect(await answerTo(query)).toBe(expected));
});
