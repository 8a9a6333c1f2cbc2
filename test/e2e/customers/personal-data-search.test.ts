import { beforeAll, describe, expect, it } from 'vitest';
import { customersNamed } from '../../../src/services/customers/filters/personal-data-search.js';
import { SqlParameters } from '../../../src/services/sql-parameters.js';
import { type Ask, useTestServer } from '../support/test-server.js';

interface Search {
  readonly email?: string;
  readonly phone?: string;
  readonly name?: string;
  readonly filter?: object;
  readonly orderBy?: object;
}

interface Found {
  customersByPersonalData: {
    totalCount: number;
    edges: { node: { externalId: string; source: string } }[];
    pageInfo: { hasNextPage: boolean; endCursor: string };
  };
}

const search = `query($email: String, $phone: String, $name: String, $filter: CustomerFilterInput,
  $orderBy: CustomerOrderByInput, $first: Int! = 20, $after: String) {
  customersByPersonalData(email: $email, phone: $phone, name: $name, filter: $filter, orderBy: $orderBy,
    first: $first, after: $after) {
    totalCount edges { node { externalId source } } pageInfo { hasNextPage endCursor } }
}`;

const people = [
  { externalId: 'ada', country: 'UK', personalData: { name: 'Ada Lovelace', email: 'Ada@Example.COM' } },
  { externalId: 'zoe', personalData: { name: 'Zoé Ängström', email: 'zoé@example.com', phone: '+44 (0)20 7946-0958' } },
  { externalId: 'abe', country: 'UK', personalData: { name: 'Joe Ng', email: 'house@example.com', phone: 'n/a' } },
  { externalId: 'jim', country: 'NL', personalData: { name: 'Joe Ng', email: 'house@example.com', phone: '020 1234' } },
  { externalId: 'quoter', personalData: { name: `O'Neill % _ \\ ; --` } },
  // Longer than a btree takes of a value.
  { externalId: 'long', personalData: { name: '😀'.repeat(500), email: `${'ß'.repeat(980)}@example.com` } },
  { externalId: 'lukasz', personalData: { name: 'Łukasz  O’Brien' } },
  { externalId: 'yuki', personalData: { phone: '＋８１（０）９０−１２３４−５６７８' } },
  { externalId: 'omar', personalData: { phone: '+٩٦٦ ٥٠ ١٢٣ ٤٥٦٧' } },
  // As macOS writes it: e, then an accent.
  { externalId: 'rene', personalData: { email: 'rene\u0301@example.com' } },
  { externalId: 'nobody' },
];

describe('customers by their personal data', () => {
  const server = useTestServer();
  beforeAll(async () => {
    await upsert(people);
    await upsert([{ externalId: 'ada', personalData: { email: ' ada@example.com ' } }], 'shopify');
  });

  async function upsert(customers: readonly object[], source = 'default'): Promise<void> {
    const { data, errors } = await server.ask<{ batch: { rejected: number } }>(
      `mutation($customers: [CustomerInput!]!, $source: String!) {
        batch: upsertCustomers(customers: $customers, source: $source) { rejected } }`,
      { variables: { customers, source } },
    );
    expect([errors, data.batch.rejected]).toEqual([undefined, 0]);
  }
  const ask = (variables: Search & { first?: number; after?: string }, as: Ask['as'] = 'MARKETER') =>
    server.ask<Found>(search, { variables: { ...variables }, as });
  async function idsOf(variables: Search): Promise<string[]> {
    const { data, errors } = await ask(variables);
    expect(errors).toBeUndefined();
    const ids = data.customersByPersonalData.edges.map(({ node }) => node.externalId);
    expect(data.customersByPersonalData.totalCount).toBe(ids.length);
    return ids;
  }
  async function problemOf(variables: Search, as?: Ask['as']): Promise<unknown> {
    const { data, errors } = await ask(variables, as);
    expect(data).toBeNull();
    return [errors?.[0]?.extensions.code, errors?.[0]?.message];
  }

  it.each<[Search, string[]]>([
    [{ email: '  ADA@example.com\n' }, ['ada', 'ada']],
    [{ email: 'ada@example.co' }, []],
    [{ email: 'ada@example_com' }, []],
    [{ email: 'ZOÉ@EXAMPLE.COM' }, ['zoe']],
    [{ email: 'zoe\u0301@example.com' }, ['zoe']],
    [{ email: 'REN\u00c9@example.com' }, ['rene']],
    [{ email: 'rene@example.com' }, []],
    [{ email: 'HOUSE@example.com' }, ['abe', 'jim']],
    [{ email: people[5]!.personalData!.email! }, ['long']],
    [{ phone: '0044 20 79460958' }, ['zoe']],
    [{ phone: '+44.20.7946.0958' }, ['zoe']],
    [{ phone: '020 7946 0958' }, []],
    [{ phone: '0201234' }, ['jim']],
    [{ phone: '1234' }, []],
    [{ phone: '0081 90 1234 5678' }, ['yuki']],
    [{ phone: '+966501234567' }, ['omar']],
    [{ phone: '۰۰۹۶۶۵۰۱۲۳۴۵۶۷' }, ['omar']],
    [{ phone: '＋４４ २० 79460958' }, ['zoe']],
    [{ name: 'ADA LOVELACE' }, ['ada']],
    [{ name: 'ZOE\u0301 A\u0308NGSTRÖM' }, ['zoe']],
    [{ name: 'zoe angstrom' }, ['zoe']],
    [{ name: "LUKASZ O'Brien" }, ['lukasz']],
    [{ name: 'Ļuķasz\n O‘Brien' }, ['lukasz']],
    [{ name: 'LukaszO’Brien' }, []],
    [{ name: 'Ada' }, []],
    [{ name: `o'neill % _ \\ ; --` }, ['quoter']],
    [{ name: people[5]!.personalData!.name! }, ['long']],
    [{ name: 'Joe Ng', phone: '0201234' }, ['jim']],
    [{ name: 'Joe Ng', email: 'ada@example.com' }, []],
    [{ name: 'Joe Ng', filter: { country: ['UK'] } }, ['abe']],
    [{ name: 'Joe Ng', orderBy: { field: 'CREATED', direction: 'DESC' } }, ['jim', 'abe']],
    [{ email: 'ada@example.com', filter: { source: ['shopify'] } }, ['ada']],
  ])('finds with %j %j', async (variables, expected) => {
    expect(await idsOf(variables)).toEqual(expected);
  });

  it('goes through them page by page', async () => {
    const { data } = await ask({ name: 'joe ng', first: 1 });
    const { edges, totalCount, pageInfo } = data.customersByPersonalData;
    expect([edges.map(({ node }) => node.externalId), totalCount, pageInfo.hasNextPage]).toEqual([['abe'], 2, true]);
    const next = (await ask({ name: 'joe ng', first: 1, after: pageInfo.endCursor })).data.customersByPersonalData;
    expect([next.edges.map(({ node }) => node.externalId), next.pageInfo.hasNextPage]).toEqual([['jim'], false]);
  });

  it('is for those who may read personal data, and no filter or segment does the same', async () => {
    expect(await problemOf({ email: 'ada@example.com' }, 'VIEWER')).toEqual(['FORBIDDEN', expect.any(String)]);
    expect(await problemOf({ email: 'ada@example.com' }, null)).toEqual(['UNAUTHENTICATED', expect.any(String)]);
    const person = '{ person: { email: "ada@example.com" } }';
    for (const query of [
      `{ customers(filter: ${person}) { totalCount } }`,
      `mutation { createSegment(input: { name: "Ada", filter: { not: ${person} } }) { __typename } }`,
    ]) {
      expect((await server.ask(query)).errors?.[0]?.message).toContain('Field "person" is not defined');
    }
  });

  it('says what cannot be looked for, without repeating it', async () => {
    expect(await problemOf({})).toEqual(['BAD_USER_INPUT', 'Give an email, a phone or a name to look for.']);
    const is = (field: string, problem: string) => [
      'BAD_USER_INPUT',
      `A person cannot be looked for by this: "${field}" ${problem}.`,
    ];
    expect(await problemOf({ email: ' \n' })).toEqual(is('email', 'is empty'));
    expect(await problemOf({ name: 'x'.repeat(1_001) })).toEqual(is('name', 'is longer than 1000 characters'));
    expect(await problemOf({ name: 'a\0' })).toEqual(is('name', 'has characters that no text may have'));
    for (const phone of ['n/a 0', '０-٠۰०']) {
      expect(await problemOf({ phone })).toEqual(is('phone', 'has no digits but zeros'));
    }
  });

  it('leaves what was looked for neither in the log nor in the audit log, even where it fails', async () => {
    const { dataSource } = server.database;
    const email = 'searched-for@example.com';
    const url = `graphql?query=${encodeURIComponent(`{ customersByPersonalData(email: "${email}") { totalCount } }`)}`;
    const headers = { authorization: `Bearer ${server.keys.MARKETER}`, 'apollo-require-preflight': 'yes' };
    const byUrl = await server.fetch(url, { headers });
    expect(await byUrl.json()).toEqual({ data: { customersByPersonalData: { totalCount: 0 } } });
    await dataSource.query('alter table customer_personal_data rename to gone');
    try {
      const { errors } = await ask({ email });
      expect(errors?.[0]?.extensions.code).toBe('INTERNAL');
    } finally {
      await dataSource.query('alter table gone rename to customer_personal_data');
    }
    expect(server.log.join('')).toContain('unexpected failure');
    expect(server.log.join('')).not.toContain('searched-for');
    const [{ n }] = await dataSource.query(
      `select count(*)::integer as n from audit_entry where details::text ~ 'searched-for|house@'`,
    );
    expect(n).toBe(0);
  });

  it('knows a changed address at once, and nobody who was erased', async () => {
    await upsert([{ externalId: 'mover', personalData: { email: 'old@example.com', name: 'Mo Ver' } }]);
    await upsert([{ externalId: 'mover', personalData: { email: 'new@example.com' } }]);
    expect([await idsOf({ email: 'old@example.com' }), await idsOf({ email: 'new@example.com' })]).toEqual([
      [],
      ['mover'],
    ]);
    await server.ask('mutation { eraseCustomers(externalIds: ["mover"]) { erased } }');
    expect([await idsOf({ email: 'new@example.com' }), await idsOf({ name: 'Mo Ver' })]).toEqual([[], []]);
  });

  it('reads an index, and keeps nothing but hashes in it', async () => {
    const { dataSource } = server.database;
    await dataSource.query(`
      with added as (insert into customer (source, external_id) select 'many', i from generate_series(1, 5000) i returning id)
      insert into customer_personal_data (customer_id, email, phone, name)
      select id, 'e' || id || '@example.com', '+1 555 ' || id, 'Name ' || id from added`);
    await dataSource.query('analyze customer_personal_data');
    for (const field of ['email', 'phone', 'name'] as const) {
      const parameters = new SqlParameters();
      const sql = customersNamed({ [field]: '5' }, parameters);
      const plan: { 'QUERY PLAN': string }[] = await dataSource.query(`explain ${sql}`, parameters.values);
      expect(plan.map((line) => line['QUERY PLAN']).join('\n')).toMatch(
        new RegExp(`Index (Only )?Scan (using|on) customer_personal_data_${field}`),
      );
    }
    const columns = await dataSource.query(`select distinct atttypid::regtype::text as type from pg_attribute
      where attrelid::regclass::text ~ '^customer_personal_data_(email|phone|name)$'`);
    expect(columns).toEqual([{ type: 'bigint' }]);
  });
});
