import { describe, expect, it, vi } from 'vitest';
import * as jit from 'graphql-jit';
import { globalId } from '../../../src/schema/global-id.js';
import { useScoredServer } from '../support/test-server.js';

vi.mock('graphql-jit', { spy: true });

const clv = 'predicted interval(level: $level) { lower upper level } percentile tier basis asOf computedAt';
const queries: Record<string, [query: string, variables?: Record<string, unknown>]> = {
  'lists, fragments, defaults of variables, aliases': [
    `query List($first: Int! = 3, $level: Float = 0.8, $filter: CustomerFilterInput) {
      customers(first: $first, filter: $filter, orderBy: { field: CLV, direction: DESC }) {
        totalCount pageInfo { hasNextPage endCursor } edges { cursor node { ...Who other: clv(horizonDays: 90) { predicted } } }
      }
    }
    fragment Who on Customer { __typename id externalId numberOfOrders clv { ${clv} model { id grade } } }`,
    { filter: { and: [{ spend: { min: 1 } }, { not: { or: [{ country: ['XX'] }] } }] }, level: 0.9 },
  ],
  'an interface and a union': [
    `query($id: ID!) { node(id: $id) { __typename id ... on Customer { externalId } } runs { edges { node { id } } } }`,
    { id: globalId('Customer', '1') },
  ],
  'what is skipped and included': [
    `query($yes: Boolean!, $no: Boolean!) {
      customers(first: 2) { edges @include(if: $yes) { cursor @skip(if: $yes) node { id ...F @include(if: $no) ... @skip(if: $no) { externalId } } } }
    }
    fragment F on Customer { numberOfOrders }`,
    { yes: true, no: false },
  ],
  'a fragment with a condition in one place, and without in others': [
    `query($yes: Boolean!, $no: Boolean!) {
      one: me { ...F @include(if: $no) }
      other: me { id ...F @skip(if: $yes) ...F }
      customers(first: 2) @skip(if: $no) { edges { node { ...C @include(if: $no) } } pageInfo { ... @skip(if: $yes) { endCursor } ...P } }
      customer(externalId: "demo-c-1", source: "demo") { ...C }
    }
    fragment F on ApiKey { name role }
    fragment C on Customer { country numberOfOrders }
    fragment P on PageInfo { hasNextPage @include(if: $yes) endCursor }`,
    { yes: true, no: false },
  ],
  'a field with two conditions, and fields in fragments within it': [
    `query($yes: Boolean!, $no: Boolean!) {
      me @include(if: $no) { ... { name } } me @include(if: $yes) { role id @skip(if: false) } activeModel @skip(if: true) { id }
    }`,
    { yes: true, no: false },
  ],
  'an input that a resolver refuses': [
    'query($after: String) { auditLog(after: $after) { edges { cursor } } }',
    { after: 'x' },
  ],
  'arguments out of bounds': ['{ customers(first: 0) { edges { cursor } } me { id } }'],
  'a null where there may be one': ['{ customer(externalId: "nobody", source: "demo") { id } me { role } }'],
  'a variable that is missing': ['query($first: Int!) { customers(first: $first) { edges { cursor } } }', {}],
  'a variable of another type': [
    'query($first: Int!) { customers(first: $first) { edges { node { id } } } }',
    { first: 'x' },
  ],
  'arguments by variables that are missing or null': [
    `query($first: Int, $orderBy: CustomerOrderByInput, $filter: CustomerFilterInput, $level: Float) {
      customers(orderBy: $orderBy, filter: $filter) { edges { node { clv { interval(level: $level) { lower } } } } }
      segments(first: $first) { edges { cursor } }
    }`,
    { filter: null },
  ],
  'an input by a variable, whose field has a default': [
    'query($by: CustomerOrderByInput) { customers(first: 3, orderBy: $by) { edges { node { id } } } }',
    { by: { field: 'CLV' } },
  ],
  'an input, whose field has a default': ['{ customers(first: 3, orderBy: { field: CLV }) { edges { node { id } } } }'],
  'a null where there may be none': [
    'query($first: Int = 3) { customers(first: $first) { edges { node { id } } } }',
    { first: null },
  ],
  'a field of an input that there is not': [
    'query($filter: CustomerFilterInput) { customers(filter: $filter) { edges { cursor } } }',
    { filter: { not: { nothing: 1 } } },
  ],
};

/** What the compiler would answer otherwise: each comes from GraphQL itself, however often. */
const interpreted: typeof queries = {
  'a variable that is missing within a literal': [
    'query($d: SortDirection) { customers(first: 3, orderBy: { field: CLV, direction: $d }) { edges { node { id } } } }',
  ],
  'a variable that is null within a literal': [
    'query($d: SortDirection) { customers(first: 3, orderBy: { field: CLV, direction: $d }) { edges { node { id } } } }',
    { d: null },
  ],
  'a variable within a JSON literal': [
    'query($s: String) { customers(first: 3, filter: { attributes: { nothing: $s } }) { totalCount } }',
    { s: 'nowhere' },
  ],
  'a name that is special in JavaScript, within a JSON literal': [
    '{ customers(first: 3, filter: { attributes: { __proto__: { a: 1 } } }) { totalCount } }',
  ],
  'a name that is special in JavaScript, as an alias': ['{ me { __proto__: role } }'],
  'a variable within a list': [
    'query($c: String!) { customers(first: 3, filter: { country: [$c, "XX"] }) { totalCount } }',
    { c: 'DE' },
  ],
  'introspection within a fragment': ['{ ...A } fragment A on Query { __schema { types { name } } }'],
  'a condition that is null': ['query($a: Boolean = true) { me { name @include(if: $a) } }', { a: null }],
};

describe('compiled queries', () => {
  const server = useScoredServer();
  const compiled = vi.mocked(jit.compileQuery);

  it.each(Object.entries(queries))('answer as GraphQL itself does: %s', async (_name, [query, variables]) => {
    // Whatever is computed is stored with it.
    await server.ask(`${query} # before`, { variables });
    compiled.mockClear();
    const plain = await server.ask(query, { variables });
    expect(compiled).not.toHaveBeenCalled();
    expect(await server.ask(query, { variables })).toEqual(plain);
    expect(compiled).toHaveBeenCalledOnce();
    expect(await server.ask(query, { variables })).toEqual(plain);
    expect(compiled).toHaveBeenCalledOnce();
  });

  it.each(Object.entries(interpreted))('do not stand in for GraphQL itself: %s', async (_name, [query, variables]) => {
    await server.ask(`${query} # before`, { variables });
    const [first, ...others] = await Promise.all([0, 1, 2].map(() => server.ask(query, { variables })));
    expect(others).toEqual([first, first]);
    expect(first!.errors?.[0]?.extensions?.['code']).not.toBe('INTERNAL');
  });

  it('are others with other values of their conditions', async () => {
    const query = 'query($full: Boolean = true) { me { role ...F @include(if: $full) } } fragment F on ApiKey { name }';
    const answers = [true, false].map((full) => ({
      data: { me: { role: 'ADMIN', ...(full && { name: 'test ADMIN' }) } },
    }));
    for (let i = 0; i < 3; i++) {
      expect(await server.ask(query, { variables: {} })).toEqual(answers[0]);
      expect(await server.ask(query, { variables: { full: false } })).toEqual(answers[1]);
      expect(await server.ask(query, { variables: { full: true } })).toEqual(answers[0]);
    }
  });

  it('leave conditions of other operations alone', async () => {
    const query =
      'query One { me { role } } query Other($b: Boolean!) { me { ...F } } fragment F on ApiKey { id @skip(if: $b) }';
    const body = JSON.stringify({ query, operationName: 'One' });
    const headers = { 'content-type': 'application/json', 'x-api-key': server.keys.ADMIN };
    compiled.mockClear();
    for (let i = 0; i < 3; i++) {
      const response = await server.fetch('/graphql', { method: 'POST', headers, body });
      expect(await response.json()).toEqual({ data: { me: { role: 'ADMIN' } } });
    }
    expect(compiled).toHaveBeenCalledOnce();
  });

  it('ask for the role that a field needs', async () => {
    const query = '{ auditLog { edges { cursor } } }';
    const answers = [];
    for (let i = 0; i < 3; i++) answers.push(await server.ask(query, { as: 'VIEWER' }));
    expect(answers[0]!.errors).toMatchObject([{ path: ['auditLog'], extensions: { code: 'FORBIDDEN' } }]);
    expect(answers.slice(1)).toEqual([answers[0], answers[0]]);
  });

  it('are none of callers without a key, who are told nothing', async () => {
    compiled.mockClear();
    for (let i = 0; i < 3; i++) await server.ask('{ stranger: me { role } }', { as: null });
    expect(compiled).not.toHaveBeenCalled();
  });

  it('hide what is not meant for callers', async () => {
    const { customers } = server.services;
    const query = '{ customer(externalId: "c", source: "demo") { id } }';
    const find = vi.spyOn(customers, 'find').mockRejectedValue(new Error('secret'));
    for (let i = 0; i < 3; i++) {
      const { errors } = await server.ask(query);
      expect(errors).toMatchObject([{ path: ['customer'], extensions: { code: 'INTERNAL' } }]);
      expect(JSON.stringify(errors)).not.toContain('secret');
    }
    find.mockRestore();
  });

  it('are none: mutations and introspection', async () => {
    compiled.mockClear();
    for (let i = 0; i < 3; i++) {
      await server.ask('{ __schema { queryType { name } } }');
      await server.ask('mutation { rollbackModel { __typename } }');
    }
    expect(compiled).not.toHaveBeenCalled();
  });
});
