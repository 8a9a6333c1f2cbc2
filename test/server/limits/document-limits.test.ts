import { buildSchema, getIntrospectionQuery, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { limitsRule, maxAliases, maxDepth } from '../../../src/server/limits/document-limits.js';

const schema = buildSchema('type Query { a: Query, b: Int }');
const problems = (query: string) => validate(schema, parse(query), [limitsRule]).map(({ message }) => message);
const nested = (depth: number) => `${'{ a '.repeat(depth - 1)}{ b ${'}'.repeat(depth)}`;
const aliased = (count: number) => `{ ${Array.from({ length: count }, (_, i) => `x${i}: b`).join(' ')} }`;

describe('limits of a document', () => {
  it('allow what is at the limit', () => {
    expect(problems(nested(maxDepth))).toEqual([]);
    expect(problems(aliased(maxAliases))).toEqual([]);
  });

  it('refuse one level more, also through fragments', () => {
    const message = 'The operation is 13 levels deep; at most 12 are allowed.';
    expect(problems(nested(maxDepth + 1))).toEqual([message]);
    expect(problems(`{ a { ...F } } fragment F on Query ${nested(maxDepth)}`)).toEqual([message]);
    expect(problems(`{ a { ... on Query ${nested(maxDepth)} } }`)).toEqual([message]);
  });

  it('refuse one alias more, also where a fragment is spread often', () => {
    expect(problems(aliased(maxAliases + 1))).toEqual(['The operation has 31 aliases; at most 30 are allowed.']);
    const spreads = Array.from({ length: 8 }, (_, i) => `y${i}: a { ...F }`).join(' ');
    expect(problems(`{ ${spreads} } fragment F on Query ${aliased(3)}`)).toEqual([
      'The operation has 32 aliases; at most 30 are allowed.',
    ]);
  });

  it('count the aliases of introspection, whose depth is another rule’s', () => {
    expect(problems(`{ __schema ${nested(maxDepth)} }`)).toEqual([]);
    expect(problems(aliased(maxAliases + 1).replaceAll('b', '__typename'))).toHaveLength(1);
  });

  it('let a tool ask for the whole schema, or for some types', () => {
    expect(problems(getIntrospectionQuery())).toEqual([]);
    const types = (count: number) => Array.from({ length: count }, (_, i) => `t${i}: __type(name: "Query") { name }`);
    expect(problems(`{ ${types(5).join(' ')} }`)).toEqual([]);
    expect(problems(`{ ${types(6).join(' ')} }`)).toEqual([
      'The operation asks for __type 6 times; 5 times are allowed.',
    ]);
  });

  it('refuse to tell the schema many times over, which costs nothing otherwise', () => {
    const twice = ['The operation asks for __schema 2 times; once is allowed.'];
    expect(problems('{ a: __schema { types { name } } b: __schema { types { name } } }')).toEqual(twice);
    expect(problems('{ ...F ...F } fragment F on Query { __schema { types { name } } }')).toEqual(twice);
    const within = ['The operation has aliases within __schema or __type, where none is allowed.'];
    expect(problems('{ __schema { types { name } more: types { name } } }')).toEqual(within);
    expect(problems('{ __schema { ...F } } fragment F on __Schema { types { x: fields { name } } }')).toEqual(within);
    expect(problems('{ __type(name: "Query") { x: fields { name } } }')).toEqual(within);
  });

  it('end at a cycle of fragments, which another rule reports', () => {
    expect(problems('{ ...F } fragment F on Query { a { ...F } }')).toEqual([]);
  });

  it('do not grow with the number of ways through nested fragments', () => {
    const levels = 25;
    const fragments = Array.from(
      { length: levels },
      (_, i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} ...F${i + 1} ...F${i + 1} }`,
    );
    const began = performance.now();
    expect(problems(`{ ...F0 } ${fragments.join(' ')} fragment F${levels} on Query { b }`)).toHaveLength(1);
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  it('refuse what fragments make too large', () => {
    const fragment = `fragment F on Query { ${'b '.repeat(99)} }`;
    // A hundred times a fragment and its 99 fields.
    expect(problems(`{ ${'...F '.repeat(100)} } ${fragment}`)).toEqual([]);
    expect(problems(`{ ${'...F '.repeat(100)} b } ${fragment}`)).toEqual([
      'The operation asks for 10001 fields with its fragments written out; at most 10000 are allowed.',
    ]);
  });

  it('leave a fragment that is not there to another rule', () => {
    expect(problems('{ b ...F }')).toEqual([]);
  });
});
