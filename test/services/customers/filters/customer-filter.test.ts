import { beforeAll, describe, expect, it, vi } from 'vitest';
import { clvTiers } from '../../../../src/entities/index.js';
import { cents } from '../../../../src/math.js';
import { refreshSummaries } from '../../../../src/ml/features/customer-summary.js';
import { refreshPurchaseDays } from '../../../../src/ml/features/purchase-days.js';
import { Random } from '../../../../src/random.js';
import { compileFilter } from '../../../../src/services/customers/filters/compiled-filter.js';
import { fits } from '../../../../src/services/customers/filters/customer-filter-ranges.js';
import type { CustomerFilter, Range } from '../../../../src/services/customers/customer-filter.types.js';
import type { FilterScope } from '../../../../src/services/customers/filters/filter-scope.js';
import {
  CustomerListStatements,
  membershipStatement,
} from '../../../../src/services/customers/lists/customer-list-statements.js';
import { CustomerListService } from '../../../../src/services/customers/customer-list.service.js';
import { upsertOrders } from '../../../../src/services/ingestion/live/upsert-orders.js';
import { upsertProducts } from '../../../../src/services/ingestion/live/upserts.js';
import { tierAt, tierOf } from '../../../../src/services/predictions/tiers.js';
import { SqlParameters } from '../../../../src/services/sql-parameters.js';
import { testConfig } from '../../../support/config.js';
import { createTestDatabase, useTestDatabase } from '../../../support/database.js';

const asOf = new Date('2026-01-01T00:00:00Z');
const scope: FilterScope = { asOf, isModelActive: true, scored: { modelId: '1', horizonDays: 365, asOf } };

const hostile = [
  `'; drop table customer; --`,
  `" or 1=1 --`,
  `' or '1'='1`,
  `\\'; select pg_sleep(9); --`,
  '$1',
  '$$; delete from customer; $$',
  '%',
  '_',
  '\\',
  '\\%',
  "o'neill",
  '); truncate customer cascade; (',
  '*/ union select null /*',
  'null',
  '🙂 ü 中文',
  '{"a": 1}',
  ':name',
];

describe('a filter', () => {
  const codeOf = (filter: CustomerFilter, withScope = scope) => {
    try {
      compileFilter(filter, withScope, new SqlParameters());
      return 'fine';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  const nested = (depth: number): CustomerFilter => (depth === 0 ? {} : { not: nested(depth - 1) });

  it.each<[string, CustomerFilter]>([
    ['too deep', nested(5)],
    ['too deep by "and"', { and: [{ and: [{ and: [{ and: [{ and: [{}] }] }] }] }] }],
    ['too deep by "or"', { or: [{ or: [{ or: [{ or: [{ or: [{}] }] }] }] }] }],
    ['with too many conditions', { or: Array.from({ length: 101 }, () => ({ orders: { min: 1 } })) }],
    ['with a list too long', { country: Array.from({ length: 1_001 }, String) }],
    ['with an empty list', { or: [] }],
    ['with an empty list of countries', { country: [] }],
    ['with a range the wrong way round', { spend: { min: 2, max: 1 } }],
    ['with days that no calendar has', { recencyDays: { min: 2_000_000_000 } }],
    ['with a first day that no calendar has', { tenureDays: { max: -2_000_000_000 } }],
    ['with a next order before the scoring', { nextOrderDays: { max: -1 } }],
    ['with a risk in percent', { churnProbability: { min: 40 } }],
    ['with a probability below 0', { purchaseProbability: { max: -0.1 } }],
    ['with a percentile above 100', { percentile: { min: 90, max: 101 } }],
    ['with more external ids than a page', { externalId: Array.from({ length: 201 }, String) }],
    ['with an external id too long', { externalId: ['x'.repeat(501)] }],
    ['with no tier to come from', { tierChange: { from: [] } }],
    ['with changes of no day', { tierChange: { lastDays: 0 } }],
    ['with days back to nowhere', { eventCounts: [{ type: 'CART', lastDays: 0 }] }],
    [
      'with too many counts of events',
      { or: Array.from({ length: 6 }, () => ({ eventCounts: [{ type: 'CART' }, { type: 'SEARCH' }] })) },
    ],
    [
      'with too many looks at what was bought',
      { or: [...Array.from({ length: 10 }, () => ({ boughtProduct: 'a' })), { not: { boughtProduct: 'b' } }] },
    ],
    ['with a NUL', { boughtProduct: 'a\0' }],
    ['with half a character', { country: ['\ud800'] }],
    ['with a NUL in an attribute', { attributes: { a: ['\0'] } }],
    ['with a NUL in the name of an attribute', { attributes: { '\0': 1 } }],
    ['with an attribute that has no value', { attributes: { channel: undefined } }],
    ['with a value missing within an attribute', { attributes: { a: { channels: [undefined] } } }],
    ['with a text too long', { boughtProduct: 'x'.repeat(201) }],
    ['with too large attributes', { attributes: { a: Array.from({ length: 3_000 }, () => 1) } }],
    ['with a condition that there is not', { toString: 'x' } as object],
  ])('%s is refused', (_name, filter) => {
    expect(codeOf(filter)).toBe('BAD_USER_INPUT');
  });

  it('may be nested and large within bounds', () => {
    expect(codeOf(nested(4))).toBe('fine');
    expect(codeOf({ or: Array.from({ length: 99 }, () => ({ orders: { min: 1 } })) })).toBe('fine');
  });

  it('that asks for predictions needs a scored base', () => {
    const unscored = { asOf, scored: null, isModelActive: true };
    expect(codeOf({ tier: ['GOLD'] }, unscored)).toBe('MODEL_NOT_READY');
    expect(codeOf({ nextOrderDays: { max: 14 } }, unscored)).toBe('MODEL_NOT_READY');
    expect(codeOf({ orders: { min: 1 } }, unscored)).toBe('fine');
  });

  it('names each of its parameters, also where both ends of a range are open', () => {
    const open = { min: null, max: null };
    const ranges = [
      'clv',
      'percentile',
      'churnProbability',
      'predictedOrders',
      'nextOrderDays',
      'recencyDays',
      'tenureDays',
      'orders',
      'averageDaysBetweenOrders',
    ] as const;
    for (const name of ranges) {
      const parameters = new SqlParameters();
      const { condition } = compileFilter({ [name]: open, eventCounts: [{ type: 'CART' }] }, scope, parameters);
      expect(new Set(condition.match(/\$\d+/g))).toEqual(new Set(parameters.values.map((_, i) => `$${i + 1}`)));
    }
  });

  it('takes a bound that is null for one that is left out', () => {
    const compiled = (spend: Range) => {
      const parameters = new SqlParameters();
      return [compileFilter({ spend }, scope, parameters).condition, parameters.values];
    };
    expect(compiled({ min: 1, max: null })).toEqual(compiled({ min: 1 }));
    expect(compiled({ min: null, max: 1 })).toEqual(compiled({ max: 1 }));
  });

  it('takes a condition that is null for one that is left out', () => {
    const condition = (filter: CustomerFilter) => compileFilter(filter, scope, new SqlParameters()).condition;
    expect(condition({ country: null, orders: { min: 1 } })).toBe(condition({ orders: { min: 1 } }));
  });

  it('joins only what it needs', () => {
    const joins = (filter: CustomerFilter) => {
      const { joinsSummary, joinsPrediction } = compileFilter(filter, scope, new SqlParameters());
      return [joinsSummary, joinsPrediction];
    };
    expect(joins({ country: ['x'] })).toEqual([false, false]);
    expect(joins({ not: { spend: { min: 1 } } })).toEqual([true, false]);
    expect(joins({ or: [{ clv: { min: 1 } }, { country: ['x'] }] })).toEqual([false, true]);
  });

  it('knows where the customer need not be looked up, and where only customers with a prediction can fit', () => {
    const needs = (filter: CustomerFilter) => {
      const { joinsCustomer, requiresPrediction } = compileFilter(filter, scope, new SqlParameters());
      return [joinsCustomer, requiresPrediction];
    };
    expect(needs({ clv: { min: 1 } })).toEqual([false, true]);
    expect(needs({ clv: { max: 1 } })).toEqual([false, false]);
    expect(needs({ clv: { min: 1 }, country: ['x'] })).toEqual([true, true]);
    expect(needs({ or: [{ clv: { min: 1 } }, { spend: { min: 1 } }] })).toEqual([false, false]);
    expect(needs({ not: { clv: { min: 1 } } })).toEqual([false, false]);
    expect(needs({ or: [{ boughtProduct: 'x' }] })).toEqual([true, false]);
    expect(needs({ nextOrderDays: { max: 14 } })).toEqual([false, true]);
    expect(needs({ nextOrderDays: {} })).toEqual([false, false]);
    expect(needs({ not: { nextOrderDays: { max: 14 } } })).toEqual([false, false]);
    expect(needs({ tier: ['PLATINUM'] })).toEqual([false, true]);
    expect(needs({ tier: [...clvTiers] })).toEqual([false, false]);
  });

  it('lets no text into the statement', () => {
    const random = new Random(5);
    const marker = 'MARKER_9f3';
    const text = () => `${marker}${hostile[random.integer(hostile.length)]}`;
    const leaf = (): CustomerFilter => ({
      country: [text()],
      source: [text(), text()],
      externalId: [text()],
      boughtCategory: [text()],
      boughtProduct: text(),
      attributes: { [text()]: { [text()]: [text()] } },
      eventCounts: [{ type: 'CART', min: 1 }],
    });
    for (let i = 0; i < 50; i++) {
      const parameters = new SqlParameters();
      const { condition } = compileFilter({ ...leaf(), or: [leaf(), { not: leaf() }] }, scope, parameters);
      expect(condition).not.toContain(marker);
      expect(condition).toMatch(/^[\w\s().,<>=$:@*+&[\]>"-]+$/);
      const places = [...condition.matchAll(/\$(\d+)/g)].map(([, place]) => Number(place));
      expect(Math.max(...places)).toBe(parameters.values.length);
    }
  });
});

describe('amounts and tiers', () => {
  const database = useTestDatabase();

  it.each([
    ['clv', []],
    // A mean of two amounts may be half a cent.
    ['averageOrderValue', Array.from({ length: 1_100 }, (_, i) => (2 * i + 1) / 200)],
  ] as const)('fit a filter by %s as they are shown, in cents', async (name, halves) => {
    const random = new Random(7);
    const amounts = [...halves, 0, 0.003, 0.006, 10.0096, 10.0104, 100.004];
    for (let i = 0; i < 200; i++) amounts.push(random.uniform() * 20);
    const bounds: Range[] = [
      { max: 0 },
      { max: -0.001 },
      { min: 0.001 },
      { min: 1.1 },
      { min: 3.333, max: 7.777 },
      { min: 10.01, max: 10.01 },
      { min: 10.013, max: 10.018 },
      { min: 0.041, max: 0.049 },
      { min: 10.02 },
      { max: 100 },
      ...[0.57, 1.01, 1.13, 4.35, 8.2, 9.95].flatMap((bound) => [{ min: bound }, { max: bound }]),
    ];
    for (const range of bounds) {
      const parameters = new SqlParameters();
      const { condition } = compileFilter({ [name]: range }, scope, parameters);
      const rows = await database.dataSource.query<{ amount: number }[]>(
        `select amount from unnest(${parameters.add(amounts, 'float8[]')}) amount
           cross join lateral (select amount as expected_value) p
           cross join lateral (select amount::numeric as mean_occasion_value) s
         where ${condition}`,
        parameters.values,
      );
      expect(rows.map((row) => row.amount)).toEqual(amounts.filter((amount) => fits(cents(amount), range)));
    }
  });

  it.each(['clv', 'averageOrderValue'] as const)(
    'are compared as their column, of which Postgres knows how many fit: %s',
    (name) => {
      const { condition } = compileFilter({ [name]: { min: 1, max: 2 } }, scope, new SqlParameters());
      expect(condition).toMatch(/^\(\(?[ps]\.\w+ >= \$1::\w+ and /);
    },
  );

  it('of percentiles are alike in a filter, in SQL and in what is served, from the percentile on that each begins at', async () => {
    const percentiles = [null, 0, 49.99, 50, 79.99, 80, 94.99, 95, 100];
    for (const tier of clvTiers) {
      const parameters = new SqlParameters();
      const { condition } = compileFilter({ tier: [tier] }, scope, parameters);
      const [found] = await database.dataSource.query<object[]>(
        `select array_agg(percentile) filter (where ${condition}) as filtered,
           array_agg(percentile) filter (where ${tierAt('coalesce(percentile, 0)')} = '${tier}') as told
         from unnest(${parameters.add(percentiles, 'real[]')}) as p (percentile)`,
        parameters.values,
      );
      const served = percentiles.filter((percentile) => tierOf(percentile ?? 0) === tier);
      expect(found).toEqual({ filtered: served, told: served });
    }
  });
});

it('finds customers by each figure of what they bought, to the very bounds', async () => {
  await using database = await createTestDatabase();
  const { dataSource } = database;
  await dataSource.query(`insert into customer (id, external_id) values (1, 'twice'), (2, 'once'), (3, 'never')`);
  await dataSource.query(
    `insert into purchase_day (customer_id, day, net, gross, returned, items, products, orders)
     select customer_id, day, net, net, 0, 1, 1, orders
     from (values (1, date '2025-12-01', 10, 1), (1, date '2025-12-11', 30, 3), (2, date '2025-12-20', 50, 1))
       days (customer_id, day, net, orders)`,
  );
  await refreshSummaries(dataSource, 'all');
  const lists = new CustomerListService(dataSource, { asOf: asOf.toISOString() });
  const figures = {
    orders: [4, 1, 0],
    spend: [40, 50, 0],
    averageOrderValue: [20, 50, null],
    averageDaysBetweenOrders: [10, null, null],
    recencyDays: [21, 12, null],
    tenureDays: [31, 12, null],
  };
  for (const [name, ofEach] of Object.entries(figures)) {
    for (const bound of ofEach.filter((figure) => figure !== null)) {
      for (const range of [{ min: bound }, { max: bound }]) {
        const { edges } = await lists.page({ first: 3, filter: { [name]: range } });
        const expected = ['1', '2', '3'].filter((_, i) => ofEach[i] !== null && fits(ofEach[i]!, range));
        expect([name, range, edges.map(({ node }) => node.id)]).toEqual([name, range, expected]);
      }
    }
  }
});

describe('external ids', () => {
  it('find the customers of any source, or of one, by the index', async () => {
    await using database = await createTestDatabase();
    const { dataSource } = database;
    const lists = new CustomerListService(dataSource, testConfig());
    expect(await lists.count({ filter: { externalId: ['1'] } })).toBe(0);
    await dataSource.query(
      `insert into customer (source, external_id, country)
       select source, n, 'Chile' from generate_series(1, 5000) n, unnest(array['a', 'b', 'c']) source`,
    );
    await dataSource.query('analyze customer');
    const found = async (filter: CustomerFilter) =>
      (await lists.page({ first: 50, filter })).edges.map(({ node }) => `${node.source}${node.externalId}`).toSorted();
    expect(await found({ externalId: ['7', '4999', 'none'] })).toEqual(['a4999', 'a7', 'b4999', 'b7', 'c4999', 'c7']);
    expect(await found({ externalId: ['7', '8'], source: ['b '] })).toEqual(['b7', 'b8']);
    expect(await found({ or: [{ externalId: ['7'] }, { externalId: ['8'] }], source: ['b', 'c'] })).toHaveLength(4);
    expect(await lists.count({ filter: { not: { externalId: ['7'] } } })).toBe(14_997);
    for (const field of ['CREATED', 'SPEND'] as const) {
      const list = new CustomerListStatements(
        { asOf, scored: null, isModelActive: false },
        { filter: { externalId: ['7', '8'] } },
      );
      const content = { limit: 50, columns: ['externalId'] as const };
      const { sql, parameters } = list.page({ field, direction: 'ASC' }, 'known', undefined, content);
      const plan = await dataSource.query<{ 'QUERY PLAN': string }[]>(`explain ${sql}`, parameters);
      expect(plan.map((row) => row['QUERY PLAN']).join('\n')).not.toContain('Seq Scan on customer');
    }
  });

  it('of a few customers are compared with their own, without a query for each list of them', async () => {
    await using database = await createTestDatabase();
    const { dataSource } = database;
    await dataSource.query(
      `insert into customer (id, source, external_id) values (1, 'a', '7'), (2, 'b', '7'), (3, 'a', '8')`,
    );
    const seven: CustomerFilter = { or: [{ externalId: ['6'] }, { externalId: [' 7', '9'] }] };
    const filters = [seven, { not: seven }, { ...seven, source: ['b'] }];
    const scope = { asOf, scored: null, isModelActive: false };
    const { sql, parameters } = membershipStatement(filters, ['1', '2', '3'], scope);
    const found = await dataSource.query<{ id: string; positions: number[] }[]>(`${sql} order by c.id`, parameters);
    expect(found.map(({ positions }) => positions)).toEqual([[0], [0, 2], [1]]);
    const plan = await dataSource.query<{ 'QUERY PLAN': string }[]>(`explain ${sql}`, parameters);
    expect(plan.map((row) => row['QUERY PLAN']).join('\n')).not.toContain('InitPlan');
  });

  it('that segments list are sent only where customers of the page are called so', async () => {
    await using database = await createTestDatabase();
    const { dataSource } = database;
    await dataSource.query(`insert into customer (id, external_id) values (1, '7'), (2, '8')`);
    const listed = Array.from({ length: 100 }, (_, i) => ` none${i}`);
    const filters: CustomerFilter[] = [
      { externalId: [...listed, ' 7'] },
      { externalId: listed },
      { not: { externalId: [...listed, '7'] } },
      { or: [{ and: [{ externalId: [...listed, '8'] }] }, { externalId: listed }] },
    ];
    const query = vi.spyOn(dataSource, 'query');
    const lists = new CustomerListService(dataSource, testConfig());
    const memberships = await lists.memberships(filters, ['1', '2']);
    expect(memberships).toEqual(
      new Map([
        ['1', [0]],
        ['2', [2, 3]],
      ]),
    );
    expect(JSON.stringify(query.mock.calls).match(/none/g)).toHaveLength(2);
    const statements = async (filter: CustomerFilter) => {
      query.mockClear();
      await lists.memberships([filter], ['1', '2']);
      return query.mock.calls.length;
    };
    // Where none are listed, what the page's customers are called is not asked.
    expect(await statements({ country: ['France'] })).toBe((await statements({ not: { externalId: ['7'] } })) - 1);
  });
});

describe('hostile texts', () => {
  const database = useTestDatabase();
  let lists: CustomerListService;
  beforeAll(async () => {
    const { dataSource } = database;
    lists = new CustomerListService(dataSource, testConfig());
    for (const [i, text] of hostile.entries()) {
      await dataSource.query(
        'insert into customer (source, external_id, country, attributes) values ($1, $2, $1, jsonb_build_object($1::text, $1::text))',
        [text, `c${i}`],
      );
      await dataSource.query('insert into product (external_id, name, category) values ($1, $2, $3)', [
        `p${i}`,
        `<${text}>`,
        text,
      ]);
    }
    await dataSource.query(
      `insert into customer_order (external_id, customer_id, placed_at, currency, total)
       select external_id, id, now(), 'EUR', 1 from customer`,
    );
    await dataSource.query(
      `insert into order_line (order_id, line_number, product_id, quantity, unit_price)
       select o.id, 1, p.id, 1, 1 from customer_order o join product p on substr(p.external_id, 2) = substr(o.external_id, 2)`,
    );
    await dataSource.transaction((manager) => refreshPurchaseDays(manager, 'all'));
  });

  it.each(hostile)('%j means itself and nothing else', async (text) => {
    const found = async (filter: CustomerFilter) =>
      (await lists.page({ first: 50, filter })).edges.map(({ node }) => node.country);
    expect(await found({ country: [text] })).toEqual([text]);
    expect(await found({ source: [text] })).toEqual([text]);
    expect(await found({ boughtCategory: [text] })).toEqual([text]);
    expect(await found({ boughtProduct: `<${text}>` })).toEqual([text]);
    expect(await found({ attributes: { [text]: text } })).toEqual([text]);
    expect(await lists.count({ filter: { not: { country: [text] } } })).toBe(hostile.length - 1);
  });

  it('finds names of products in capitals or not, in every script', async () => {
    const { dataSource } = database;
    await dataSource.query(`update product set name = 'Écharpe Ünïque КРУЖКА' where external_id = 'p0'`);
    for (const boughtProduct of ['écharpe', 'ÜNÏQUE', 'кружка']) {
      expect(await lists.count({ filter: { boughtProduct } })).toBe(1);
    }
  });

  it('takes attributes for equal only where lists and objects are the same', async () => {
    const { dataSource } = database;
    await dataSource.query(
      `insert into customer (source, external_id, attributes)
       values ('lists', 'a', '{"tags": ["x"], "size": {"a": 1}}'), ('lists', 'b', '{"tags": ["x", "y"], "size": {"a": 1, "b": 2}}')`,
    );
    expect(await lists.count({ filter: { attributes: { tags: ['x'] } } })).toBe(1);
    expect(await lists.count({ filter: { attributes: { size: { a: 1 } } } })).toBe(1);
    expect(await lists.count({ filter: { attributes: { size: {} } } })).toBe(0);
    expect(await lists.count({ filter: { attributes: { tags: ['x', 'y'], size: { b: 2, a: 1 } } } })).toBe(1);
  });

  it('finds who has bought a product, not who has only sent it back', async () => {
    const bought = (customerExternalId: string | null, quantity: number) => ({
      externalId: customerExternalId ?? 'guest',
      customerExternalId,
      placedAt: '2024-03-01T00:00:00Z',
      lines: [{ productExternalId: 'lamp', quantity, unitPrice: 5 }],
    });
    const { dataSource } = database;
    await upsertProducts(dataSource, [{ externalId: 'lamp', name: 'Lamp' }], 'lamps');
    await upsertOrders(dataSource, [bought('keeps', 1), bought('returns', -1), bought(null, 1)], {
      source: 'lamps',
      currency: 'EUR',
    });
    const isBuyer = { boughtProduct: 'lamp' };
    for (const filter of [isBuyer, { or: [isBuyer] }]) {
      const { edges } = await lists.page({ first: 5, filter });
      expect(edges.map(({ node }) => node.externalId)).toEqual(['keeps']);
    }
  });
});
