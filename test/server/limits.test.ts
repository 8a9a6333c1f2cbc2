import { buildSchema, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { limitsRule, maxAliases, maxDepth } from '../../src/server/limits.js';

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
    expect(problems(`{ __schema ${aliased(maxAliases + 1)} }`)).toHaveLength(1);
    expect(problems(aliased(maxAliases + 1).replaceAll('b', '__typename'))).toHaveLength(1);
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
    problems(`{ ...F0 } ${fragments.join(' ')} fragment F${levels} on Query { b }`);
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});
