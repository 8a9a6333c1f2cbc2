import { setImmediate as nextTurn } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { createEventsByCustomerLoader } from '../../../src/resolvers/loaders/events-by-customer.loader.js';
import { createLinesByOrderLoader } from '../../../src/resolvers/loaders/lines-by-order.loader.js';
import type { Services } from '../../../src/services/create-services.js';
import {
  CustomerHistoryService,
  type EventsRequest,
} from '../../../src/services/customers/customer-history.service.js';
import { answerBudget } from '../../../src/services/largest-answer.js';
import { encodeCursor, type Page } from '../../../src/services/paging.js';
import { useTestDatabase } from '../../support/database.js';
import { recordStatements } from '../../support/statements.js';

const days = 360;

describe('the pages of one customer with a long history', () => {
  const database = useTestDatabase();
  let history: CustomerHistoryService;
  beforeAll(async () => {
    const { dataSource } = database;
    history = new CustomerHistoryService(dataSource);
    await dataSource.query(`insert into customer (id, external_id) values (1, 'bot'), (2, 'other')`);
    await dataSource.query(`select ensure_behavior_event_partitions('2025-01-01Z', '2025-12-31Z')`);
    // Four of each hour share an instant, so that pages also end among them.
    await dataSource.query(
      `insert into behavior_event (external_id, customer_id, type, occurred_at)
       select n, 1 + (n % 50 = 0)::integer, 'BROWSE', '2025-01-01Z'::timestamptz + n / 4 * interval '1 hour'
       from generate_series(0, ${days * 24 * 4 - 1}) n`,
    );
    await dataSource.query(
      `insert into customer_order (external_id, customer_id, placed_at, currency, total)
       select n, 1 + (n % 50 = 0)::integer, '2025-01-01Z'::timestamptz + n / 4 * interval '1 hour', 'EUR', 5
       from generate_series(0, ${days * 24 * 4 - 1}) n`,
    );
    await dataSource.query('analyze customer, behavior_event, customer_order');
  });

  const deep = '2025-03-01T00:00:00.000000Z';

  it.each(['events', 'orders'] as const)('are whole, also where a page ends among %s of one instant', async (list) => {
    const externalIds: string[] = [];
    let after: string | null = encodeCursor(['2025-01-01T07:00:00.000000Z', '999999999999999999']);
    while (after) {
      const [page]: Page<{ externalId: string }>[] = await history[list](
        [{ customerId: '1', first: 7, after, long: [] }],
        answerBudget(),
      );
      externalIds.push(...page!.edges.map(({ node }) => node.externalId));
      after = page!.pageInfo.hasNextPage ? page!.pageInfo.endCursor : null;
    }
    const expected = Array.from({ length: 32 }, (_, i) => 31 - i).filter((n) => n % 50 !== 0);
    expect(externalIds).toEqual(expected.map(String));
  });

  it.each(['events', 'orders'] as const)('%s of a deep page are read without the newer ones', async (list) => {
    const statements = recordStatements(database.dataSource);
    const after = encodeCursor([deep, '1']);
    await history[list]([{ customerId: '1', first: 5, after, long: [] }], answerBudget());
    const [sql] = statements.take();
    const [row] = await database.dataSource.query<{ 'QUERY PLAN': unknown }[]>(
      `explain (analyze, format json) ${sql}`,
      [['1'], [5], [deep], ['1'], ['']],
    );
    const removed = [...JSON.stringify(row).matchAll(/"Rows Removed by [^"]*":(\d+)/g)].map(([, rows]) => Number(rows));
    expect(Math.max(0, ...removed)).toBeLessThan(20);
  });
});

describe('what is long in events', () => {
  const database = useTestDatabase();
  let history: CustomerHistoryService;
  beforeAll(async () => {
    const { dataSource } = database;
    history = new CustomerHistoryService(dataSource);
    await dataSource.query(`insert into customer (id, external_id) select n, n from generate_series(1, 4) n`);
    await dataSource.query(`select ensure_behavior_event_partitions('2025-01-01Z', '2025-12-31Z')`);
    await dataSource.query(
      `insert into behavior_event (external_id, customer_id, type, occurred_at, text, attributes)
       select c.id || '-' || n, c.id, 'SEARCH', '2025-01-01Z'::timestamptz + n * interval '1 hour', repeat('x', 100000), '{"a": 1}'
       from customer c, generate_series(1, 100) n`,
    );
  });

  const pages = (long: EventsRequest['long'], customers = 4, first = 100) =>
    history.events(
      Array.from({ length: customers }, (_, i) => ({ customerId: String(i + 1), first, long })),
      answerBudget(),
    );

  it('is read where it is asked for, as far as an answer may hold it', async () => {
    const [withNeither] = await pages([]);
    expect(withNeither!.edges[0]!.node).toMatchObject({ text: null, attributes: null });
    const withAttributes = await pages(['attributes']);
    expect(withAttributes.map(({ edges }) => edges.length)).toEqual([100, 100, 100, 100]);
    expect(withAttributes[3]!.edges[99]!.node).toMatchObject({ text: null, attributes: { a: 1 } });
    const withTexts = await pages(['text'], 3);
    expect(withTexts[2]!.edges[99]!.node).toMatchObject({ text: 'x'.repeat(100_000), attributes: null });
  });

  it('is read, and counts, for those alone who ask for it of many at once', async () => {
    const requests = ['1', '2', '3', '4'].flatMap((customerId): EventsRequest[] => [
      { customerId, first: 10, long: ['text'] },
      { customerId, first: 100, long: ['attributes'] },
    ]);
    const read = await history.events(requests, answerBudget());
    expect(read.map(({ edges }) => edges.length)).toEqual([10, 100, 10, 100, 10, 100, 10, 100]);
    expect(read[6]!.edges[9]!.node).toMatchObject({ text: 'x'.repeat(100_000), attributes: null });
    expect(read[7]!.edges[9]!.node).toMatchObject({ text: null, attributes: { a: 1 } });
  });

  it('does not count of the event behind a page, which is read to tell whether it is the last one', async () => {
    const read = await pages(['text'], 4, 83);
    expect(read.map(({ edges }) => edges.length)).toEqual([83, 83, 83, 83]);
    expect(read[3]!.pageInfo.hasNextPage).toBe(true);
    expect(read[3]!.edges[82]!.node.text).toHaveLength(100_000);
  });

  it('is refused beyond that', async () => {
    await expect(pages(['text'])).rejects.toMatchObject({ code: 'QUERY_TOO_COMPLEX' });
  });

  it('is refused beyond that of a request that asks for them under several aliases, in several batches', async () => {
    const loader = createEventsByCustomerLoader({ customerHistory: history } as Services, answerBudget());
    const load = (first: number, long: EventsRequest['long']) =>
      loader.loadMany(['1', '2'].map((customerId): EventsRequest => ({ customerId, first, long })));
    const some = load(100, ['text']);
    await nextTurn();
    const more = load(99, ['text']);
    expect((await some).every((page) => 'edges' in page && page.edges.length === 100)).toBe(true);
    expect(await more).toMatchObject([{ code: 'QUERY_TOO_COMPLEX' }, { code: 'QUERY_TOO_COMPLEX' }]);
    expect((await load(98, [])).every((page) => 'edges' in page && page.edges.length === 98)).toBe(true);
  });
});

describe('the lines of orders', () => {
  const database = useTestDatabase();

  it('are read, but no more of them than there is memory for', async () => {
    const { dataSource } = database;
    await dataSource.query(
      `insert into customer_order (id, external_id, placed_at, currency, total) overriding system value
       select n, n, '2025-01-01Z', 'EUR', 5 from generate_series(1, 101) n`,
    );
    await dataSource.query(
      `insert into order_line (order_id, line_number, quantity, unit_price)
       select o.id, n, n, 1.5 from customer_order o, generate_series(1, 2000) n`,
    );
    const history = new CustomerHistoryService(dataSource);
    const orderIds = Array.from({ length: 101 }, (_, i) => String(i + 1));
    const lines = await history.lines(orderIds.slice(1), answerBudget());
    expect(lines.map(({ length }) => length)).toEqual(Array.from({ length: 100 }, () => 2_000));
    expect(lines.at(-1)!.at(-1)).toMatchObject({ orderId: '101', quantity: 2_000, unitPrice: '1.5' });
    expect(await history.lines(['7', '102', '5'], answerBudget())).toMatchObject([
      { 0: { orderId: '7', quantity: 1 }, length: 2_000 },
      { length: 0 },
      { 0: { orderId: '5', quantity: 1 }, length: 2_000 },
    ]);
    await expect(history.lines(orderIds, answerBudget())).rejects.toMatchObject({
      code: 'QUERY_TOO_COMPLEX',
      message: expect.stringMatching(/^The answer would have more than 200,000 lines of orders\./) as string,
    });
    // A request that asks for them under several aliases reads them in several batches.
    const newLoader = () => createLinesByOrderLoader({ customerHistory: history } as Services, answerBudget());
    const loader = newLoader();
    const some = loader.loadMany(orderIds.slice(0, 60));
    await nextTurn();
    const rest = loader.loadMany(orderIds.slice(60));
    expect((await some).every((read) => Array.isArray(read) && read.length === 2_000)).toBe(true);
    expect((await rest)[0]).toMatchObject({ code: 'QUERY_TOO_COMPLEX' });
    // Or the same ones, which are in its answer as often.
    const often = await newLoader().loadMany(orderIds.slice(0, 60).flatMap((id) => [id, id]));
    expect(often[0]).toMatchObject({ code: 'QUERY_TOO_COMPLEX' });
    const twice = newLoader();
    await twice.loadMany(orderIds.slice(0, 60));
    expect((await twice.loadMany(orderIds.slice(0, 60)))[0]).toMatchObject({ code: 'QUERY_TOO_COMPLEX' });
  });
});
