import { getOperationAST, parse } from 'graphql';
import { beforeAll, describe, expect, it } from 'vitest';
import type { GraphQLSchema } from 'graphql';
import type { ApiRole } from '../../../src/entities/index.js';
import { loadConfig } from '../../../src/config.js';
import { buildSchema } from '../../../src/server/build-schema.js';
import { costOf, requireCost } from '../../../src/server/limits/query-cost.js';
import type { Actor } from '../../../src/services/api-keys.service.js';

const group = '{ customers buyers meanSpend meanPredicted }';
const estimate = '{ value lower upper }';
const wholeEffect = `from until contacted ${group} control ${group} spendPerCustomer ${estimate}
  incrementalRevenue ${estimate} incrementalProfit ${estimate} returnOnInvestment ${estimate} uplift ${estimate}`;

describe('the cost of a query', () => {
  let schema: GraphQLSchema;
  beforeAll(async () => void (schema = await buildSchema()));
  const actor = (role: ApiRole): Actor => ({ id: '1', role });
  const cost = (query: string, variables = {}, caller: Actor | null = actor('ADMIN')) => {
    const document = parse(query);
    return costOf(schema, document, getOperationAST(document)!, variables, caller);
  };

  it('is a field’s, times the items of the lists that it is in', () => {
    expect(cost('{ me { id role } }')).toBe(3);
    expect(cost('{ customers(first: 50) { edges { node { id externalId } } } }')).toBe(1 + 50 * 4);
    expect(cost('{ customers(first: 10) { edges { node { orders(first: 5) { edges { cursor } } } } } }')).toBe(
      1 + 10 * (2 + (1 + 5 * 2)),
    );
  });

  it('is that of an error where the role of the caller is too small for a field', () => {
    const query = '{ customers(first: 50) { edges { node { id personalData { name } } } } }';
    expect(cost(query, {}, actor('MARKETER'))).toBe(1 + 50 * 5);
    expect(cost(query, {}, actor('VIEWER'))).toBe(1 + 50 * 24);
    expect(cost('{ me { id } portfolio { gini } }', {}, null)).toBe(21 + 1_001);
  });

  it('takes `first` from variables and defaults', () => {
    const query = 'query($n: Int) { customers(first: $n) { edges { cursor } } }';
    expect(cost(query, { n: 7 })).toBe(1 + 7 * 2);
    expect(cost(query)).toBe(1 + 20 * 2);
    expect(cost('{ customers { edges { cursor } } }')).toBe(1 + 20 * 2);
    expect(cost('query($n: Int! = 9) { customers(first: $n) { edges { cursor } } }')).toBe(1 + 9 * 2);
    for (const wrong of [null, 'many', -3, [1], { a: 1 }]) expect(cost(query, { n: wrong })).toBeGreaterThan(0);
    // Whatever other variables its arguments have.
    const ordered =
      'query($f: CustomerOrderField! = CLV) { customers(first: 50, orderBy: { field: $f }) { edges { cursor } } }';
    expect(cost(ordered)).toBe(1 + 50 * 2);
    expect(cost(ordered, { f: 'SPEND' })).toBe(1 + 50 * 2);
  });

  it('looks into no batch, whose orders cost nothing', () => {
    const upsert = 'mutation($orders: [OrderInput!]!) { upsertOrders(orders: $orders) { created } }';
    let looks = 0;
    const order = { externalId: 'o', placedAt: '2026-01-01', total: 1 };
    const orders = [new Proxy(order, { get: (target, name) => (looks++, Reflect.get(target, name)) })];
    expect(cost(upsert, { orders })).toBe(2);
    expect(looks).toBe(0);
    // What is not there is found out as before.
    for (const wrong of [null, undefined, 1, 'x']) expect(cost(upsert, { orders: wrong })).toBe(2);
  });

  it('counts the filter of a list beside an object that costs nothing', () => {
    const page = `query($order: CustomerOrderByInput, $filter: CustomerFilterInput, $n: Int) {
      customers(first: $n, orderBy: $order, filter: $filter) { edges { cursor } } }`;
    const filter = { boughtProduct: 'a' };
    const whole = cost(page, { n: 50, filter, order: { field: 'CLV', direction: 'DESC' } });
    expect(whole).toBe(cost(page, { n: 50, filter }));
    expect(whole).toBe(cost(page, { n: 50 }) + 1_000);
  });

  it('takes lists that have no `first` for as long as they may be', () => {
    const order = (fields: string) =>
      cost(`{ customer(id: "x") { orders(first: 5) { edges { node { ${fields} } } } } }`);
    expect(order('total lines { quantity }') - order('total')).toBe(5 * (1 + 10));
    expect(cost('{ customer(id: "x") { segments { name } } }')).toBe(2 + 20);
  });

  it('is none for names of types as clients add them, but for those that are all that is asked, or have an alias', () => {
    const page = (typename: string) =>
      cost(`{ customers(first: 9) { ${typename} edges { ${typename} node { ${typename} id } } } }`);
    expect(page('__typename')).toBe(page(''));
    expect(cost('{ customers(first: 9) { edges { __typename } } }')).toBe(1 + 9 * 2);
    expect(cost('{ customer(id: "x") { segments { __typename } } }')).toBe(2 + 20);
    expect(cost('{ me { a: __typename b: __typename } }')).toBe(3);
  });

  it('is higher for what the model must be run for', () => {
    const of = (field: string) =>
      cost(`{ customer(id: "x") { clv { ${field} } } }`) - cost('{ customer(id: "x") { clv { basis } } }');
    expect(of('explanation { summary }')).toBe(50);
    expect(of('whatIfs { change }')).toBe(20);
  });

  it('is higher for what the spend of a campaign’s members must be read for', () => {
    const page = (first: string) => cost(`{ campaigns${first} { edges { node { name effect { ${wholeEffect} } } } } }`);
    expect(page('(first: 50)')).toBe(1 + 50 * (3 + 4_500 + 32));
    const { maxQueryCost } = loadConfig({}, 'no-such-file').config;
    expect(page('')).toBeLessThan(maxQueryCost);
    expect(page('(first: 23)')).toBeGreaterThan(maxQueryCost);
  });

  it('is higher for what is computed of all customers', () => {
    const terms = 'contactCost: 1, margin: 0.5, uplift: 0.1';
    expect(cost('{ portfolio { asOf } }')).toBe(1_000 + 1);
    expect(cost(`{ campaignPlan(${terms}) { expected { cost } uncertainty { probabilityOfProfit } } }`)).toBe(
      1 + 2 * 1_001,
    );
  });

  it('grows with the conditions of filters, most by those that go through all orders or events', () => {
    const page = '{ customers(first: 1, filter: $filter) { edges { cursor } } }';
    const of = (filter: object) => cost(`query($filter: CustomerFilterInput) ${page}`, { filter }) - 3;
    expect(of({})).toBe(0);
    expect(of({ orders: { min: 1 }, country: ['DE', 'FR'], spend: null })).toBe(2 * 20);
    expect(of({ boughtProduct: 'a', boughtCategory: ['b', 'c'] })).toBe(1_000 + 20);
    const visits = { type: 'BROWSE', min: 1 };
    expect(of({ eventCounts: [visits, visits] })).toBe(20 + 2 * 1_000);
    expect(of({ not: { or: [{ tier: ['GOLD'] }, { boughtProduct: 'a' }] } })).toBe(3 * 20 + 1_000);
    // As literals, and of each alias.
    const written = page.replace('$filter', '{ boughtProduct: "a" }').slice(2, -2);
    expect(cost(`{ a: ${written} b: ${written} }`)).toBe(2 * (1_000 + 3));
  });

  it('is higher for counting who fits a filter, once for all that is told of them', () => {
    const page = (first: number, fields: string) =>
      cost(`{ segments(first: ${first}) { edges { node { name description filter ${fields} } } } }
        fragment Worth on Segment { totalPredictedClv ... on Segment { mean: meanPredictedClv } }`);
    const { maxQueryCost } = loadConfig({}, 'no-such-file').config;
    const asked = 'count ...Worth';
    for (const fields of ['count', 'meanPredictedClv', '...Worth', asked, `${asked} again: count ...Worth`]) {
      expect(page(50, fields)).toBe(1 + 50 * (5 + 1_900));
    }
    expect(page(50, asked)).toBeLessThan(maxQueryCost);
    expect(page(53, asked)).toBeGreaterThan(maxQueryCost);
    const listed = (count: string) => cost(`{ customers(first: 200) { ${count} edges { node { id } } } }`);
    expect(listed('totalCount') - listed('')).toBe(1_900);
    expect(listed('... { totalCount }') - listed('')).toBe(1_900);
    const counts = (number: number, count: string) =>
      cost(`{ ${Array.from({ length: number }, (_, i) => `c${i}: ${count}`).join(' ')} }`);
    for (const count of [
      'previewSegment(filter: { boughtCategory: ["Lamps"] }) { count totalPredicted meanPredicted }',
      'customers(filter: { boughtCategory: ["Lamps"] }, first: 1) { totalCount }',
      'segment(id: "x") { count }',
    ]) {
      expect(counts(50, count)).toBeLessThan(maxQueryCost);
      expect(counts(200, count)).toBeGreaterThan(3 * maxQueryCost);
    }
  });

  it('goes through fragments of all kinds, each once', () => {
    const plain = cost('{ customers(first: 4) { edges { node { id externalId } } } }');
    expect(
      cost(
        '{ customers(first: 4) { edges { ...E } } } fragment E on CustomerEdge { node { id ...N } } fragment N on Customer { externalId }',
      ),
    ).toBe(plain);
    expect(cost('{ customers(first: 4) { ... { edges { node { ... on Customer { id externalId } } } } } }')).toBe(
      plain,
    );
    const levels = 25;
    const fragments = Array.from({ length: levels }, (_, i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`);
    expect(cost(`{ ...F0 } ${fragments.join(' ')} fragment F${levels} on Query { me { id } }`)).toBe(2 * 2 ** levels);
  });

  it('is refused beyond the limit, in words that help', () => {
    const document = parse('query($n: Int!) { customers(first: $n) { edges { cursor } } }');
    requireCost(101, schema, document, { variables: { n: 50 } }, actor('VIEWER'));
    expect(() => requireCost(101, schema, document, { variables: { n: 51 } }, actor('VIEWER'))).toThrow(
      'The operation may cost 103; at most 101 is allowed. Ask for fewer items by "first"',
    );
  });
});
