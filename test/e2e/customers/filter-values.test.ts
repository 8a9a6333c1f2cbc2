import { beforeAll, describe, expect, it } from 'vitest';
import { useScoredServer } from '../support/test-server.js';

interface Counts {
  top: { value: unknown; customers: number }[];
  distinct: number;
  countedAt: string;
}

interface FilterValues {
  country: Counts;
  source: Counts;
  boughtCategory: Counts;
  tier: Counts | null;
  attributes: { name: string; counts: Counts }[];
}

const values = `query($first: Int! = 200) { filterValues {
  country { ...f } source { ...f } boughtCategory { ...f } tier { ...f } attributes { name counts { ...f } } } }
  fragment f on FilterValueCounts { top(first: $first) { value customers } distinct countedAt }`;

describe('the values for a filter', () => {
  const server = useScoredServer();
  beforeAll(async () => {
    const { dataSource } = server.database;
    await dataSource.query(`update customer set attributes = case id % 4 when 0 then '{}'
      else jsonb_build_object('channel', 'c' || id % 3, 'vip', id % 2 = 0, 'points', id % 5 + 0.5,
        'tags', jsonb_build_array('a', id % 2), 'note', repeat('x', 190 + (id % 20)::integer)) end`);
    await dataSource.query(
      `insert into customer (source, external_id, country) values ('odd', 'long', repeat('y', 201))`,
    );
    await dataSource.query(`insert into product (source, external_id, category) values ('odd', 'p', 'never bought')`);
  });

  async function ask(variables = {}): Promise<FilterValues> {
    const { data, errors } = await server.ask<{ filterValues: FilterValues }>(values, { as: 'VIEWER', variables });
    expect(errors).toBeUndefined();
    return data.filterValues;
  }

  async function fit(filter: object): Promise<number> {
    const { data, errors } = await server.ask<{ customers: { totalCount: number } }>(
      'query($filter: CustomerFilterInput) { customers(filter: $filter) { totalCount } }',
      { variables: { filter } },
    );
    expect(errors).toBeUndefined();
    return data.customers.totalCount;
  }

  it('are those that it takes, each with the number of customers whom it then finds', async () => {
    const { country, source, boughtCategory, tier, attributes } = await ask();
    for (const [name, counts] of Object.entries({ country, source, boughtCategory, tier: tier! })) {
      expect(counts.top.length).toBeGreaterThan(1);
      expect(counts.distinct).toBe(counts.top.length);
      for (const { value, customers } of counts.top) {
        expect([name, value, await fit({ [name]: [value] })]).toEqual([name, value, customers]);
      }
      const sizes = counts.top.map(({ customers }) => customers);
      expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
    }
    expect(boughtCategory.top.at(-1)).toEqual({ value: 'never bought', customers: 0 });
    expect(attributes.map(({ name }) => name)).toEqual(['channel', 'points', 'tags', 'vip', 'note']);
    for (const { name, counts } of attributes) {
      for (const { value, customers } of counts.top) {
        expect([name, value, await fit({ attributes: { [name]: value } })]).toEqual([name, value, customers]);
      }
    }
    const by = Object.fromEntries(attributes.map(({ name, counts }) => [name, counts.top.map(({ value }) => value)]));
    expect(by['vip']!.toSorted()).toEqual([false, true]);
    expect(by['tags']).toContainEqual(['a', 1]);
    expect(by['points']).toContain(0.5);
  });

  it('are the most common ones where more are there than asked for', async () => {
    const all = (await ask()).country;
    const { country } = await ask({ first: 1 });
    expect(country).toMatchObject({ top: all.top.slice(0, 1), distinct: all.distinct });
    const { errors } = await server.ask(values, { variables: { first: 201 } });
    expect(errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });

  it('need a key', async () => {
    const { errors } = await server.ask('{ filterValues { country { distinct } } }', { as: null });
    expect(errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
  });

  it('have no tiers before the base is scored', async () => {
    await server.database.dataSource.query('update model_version set scored_as_of = null');
    await expect.poll(async () => (await ask()).tier, { timeout: 30_000, interval: 500 }).toBeNull();
  });
});
