import { buildSchema, type FieldNode, graphql, type GraphQLResolveInfo, Kind, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { askedFor } from '../../src/resolvers/asked-for.js';

const schema = buildSchema('type Reason { baseline: Int words: String more: Reason } type Query { reason: Reason }');

async function askedIn(query: string, ...path: string[]): Promise<string[]> {
  let asked: string[] = [];
  const rootValue = {
    reason(_args: object, _context: unknown, info: GraphQLResolveInfo) {
      asked = [...askedFor(info, ...path)];
      return {};
    },
  };
  const { errors } = await graphql({ schema, source: query, rootValue, variableValues: { no: false } });
  expect(errors).toBeUndefined();
  return asked.toSorted();
}

/** As it would be told to a resolver, without the validation and execution of a query that is made to take long. */
function infoOf(query: string): GraphQLResolveInfo {
  const { definitions } = parse(query);
  const fragments = definitions.filter((each) => each.kind === Kind.FRAGMENT_DEFINITION);
  const operation = definitions.find((each) => each.kind === Kind.OPERATION_DEFINITION)!;
  const fieldNodes = operation.selectionSet.selections as FieldNode[];
  return { fieldNodes, fragments: Object.fromEntries(fragments.map((each) => [each.name.value, each])) } as never;
}

describe('what a query asks for', () => {
  it.each([
    ['{ reason { baseline } }', ['baseline']],
    ['{ reason { baseline words } }', ['baseline', 'words']],
    ['{ reason { baseline other: words } }', ['baseline', 'words']],
    ['{ reason { ... on Reason { words } } }', ['words']],
    ['{ reason { ...some } } fragment some on Reason { ...all } fragment all on Reason { words }', ['words']],
    ['{ reason { ...some } } fragment some on Reason { baseline }', ['baseline']],
    ['{ reason { more { words } } }', ['more']],
    ['{ reason { baseline } reason { words } }', ['baseline', 'words']],
  ])('is found in %s', async (query, expected) => expect(await askedIn(query)).toEqual(expected));

  it.each([
    ['{ reason { baseline more { words } } }', ['words']],
    [
      '{ reason { deeper: more { words } ...some } } fragment some on Reason { more { baseline } }',
      ['baseline', 'words'],
    ],
    ['{ reason { baseline } }', []],
  ])('is found further down in %s', async (query, expected) => expect(await askedIn(query, 'more')).toEqual(expected));

  it.each([
    ['query ($no: Boolean!) { reason { baseline words @include(if: $no) } }', ['baseline']],
    ['query ($no: Boolean!) { reason { baseline words @skip(if: $no) } }', ['baseline', 'words']],
    ['{ reason { baseline @skip(if: true) words } }', ['words']],
    ['query ($no: Boolean!) { reason { baseline ... @include(if: $no) { words } } }', ['baseline']],
    [
      'query ($no: Boolean!) { reason { ...some @include(if: $no) ...some } } fragment some on Reason { words }',
      ['words'],
    ],
    [
      'query ($no: Boolean!) { reason { baseline ...some @include(if: $no) } } fragment some on Reason { words }',
      ['baseline'],
    ],
  ])('is without what a condition leaves out in %s', async (query, expected) => {
    expect(await askedIn(query)).toEqual(expected);
  });

  it('is found at once in fragments that name each other twice', async () => {
    const depth = 60;
    const fragments = Array.from({ length: depth }, (_, i) => {
      const next = i + 1 < depth ? `...f${i + 1} ... { ...f${i + 1} }` : 'words';
      return `fragment f${i} on Reason { ${next} }`;
    });
    expect([...askedFor(infoOf(`{ reason { ...f0 } } ${fragments.join(' ')}`))]).toEqual(['words']);
  });
});
