import { beforeAll, describe, expect, it } from 'vitest';
import type { BehaviorEventType, Segment } from '../../../../src/entities/index.js';
import type { CustomerFilter, EventCount } from '../../../../src/services/customers/customer-filter.types.js';
import { CustomerListStatements } from '../../../../src/services/customers/lists/customer-list-statements.js';
import { exportStatement } from '../../../../src/services/exporting/export-statement.js';
import type { Statement } from '../../../../src/services/sql-parameters.js';
import { CustomerListService } from '../../../../src/services/customers/customer-list.service.js';
import { testConfig } from '../../../support/config.js';
import { useTestDatabase } from '../../../support/database.js';
import { listed } from '../lists/all-pages.js';

const customers = 1_500;
const asOf = new Date('2026-01-01T00:00:00Z');
const scope = { asOf, isModelActive: false, scored: null };

/** How many such events, and how many of them in the last 30 days, the customer with this number has. */
function eventsOf(customer: number, type: BehaviorEventType): { all: number; recent: number } {
  if (type === 'BROWSE') return { all: customer % 7, recent: Math.min(customer % 7, customer % 3) };
  if (type === 'REVIEW') return { all: customer % 300 === 0 ? 2 : 0, recent: 0 };
  return { all: 0, recent: 0 };
}

function fits(customer: number, { type, min, max, lastDays }: EventCount): boolean {
  const { all, recent } = eventsOf(customer, type);
  const count = lastDays ? recent : all;
  const atLeast = min ?? ((max ?? null) === null ? 1 : -Infinity);
  return count >= atLeast && count <= (max ?? Infinity);
}

describe('a filter by counts of events', () => {
  const database = useTestDatabase();
  let lists: CustomerListService;
  beforeAll(async () => {
    const { dataSource } = database;
    lists = new CustomerListService(dataSource, {
      ...testConfig(),
      asOf: asOf.toISOString(),
    });
    await dataSource.query(
      `insert into customer (id, external_id) select n, n from generate_series(1, ${customers}) n`,
    );
    await dataSource.query('update customer_summary set spend = customer_id % 100');
    await dataSource.query(`select ensure_behavior_event_partitions('2025-09-01Z', '2026-01-31Z')`);
    const numbers = Array.from({ length: customers }, (_, i) => i + 1);
    for (const type of ['BROWSE', 'REVIEW'] as const) {
      const counts = numbers.map((customer) => eventsOf(customer, type));
      // One more at the as-of date, which counts for nothing.
      await dataSource.query(
        `insert into behavior_event (external_id, customer_id, type, occurred_at)
         select concat($1::text, ' ', id, ' ', n), id, $1::behavior_event_type,
           case when n = 0 then $5::timestamptz
             when n <= recent then $5::timestamptz - n * interval '15 days'
             else $5::timestamptz - interval '31 days' - (id * n % 90) * interval '1 day' end
         from unnest($2::bigint[], $3::integer[], $4::integer[]) customer (id, total, recent)
         cross join lateral generate_series(0, total) n`,
        [type, numbers, counts.map(({ all }) => all), counts.map(({ recent }) => recent), asOf],
      );
    }
    await dataSource.query('analyze customer, customer_summary, behavior_event');
  });

  const some = Array.from({ length: 30 }, (_, i) => i * 50 + i + 1);

  /** By all that reads a filter: a count, the pages of two orders, and the memberships of some customers. */
  async function found(filter: CustomerFilter) {
    const memberships = await lists.memberships([filter], some.map(String));
    return {
      count: await lists.count({ filter }),
      byAge: await listed(lists, { first: 1_000, filter, orderBy: { field: 'CREATED', direction: 'ASC' } }),
      bySpend: await listed(lists, { first: 1_000, filter, orderBy: { field: 'SPEND', direction: 'DESC' } }),
      members: some.filter((id) => memberships.get(String(id))!.length > 0),
    };
  }

  function those(fit: (customer: number) => boolean): Awaited<ReturnType<typeof found>> {
    const fitting = Array.from({ length: customers }, (_, i) => i + 1).filter(fit);
    return {
      count: fitting.length,
      byAge: fitting,
      bySpend: fitting.toSorted((one, other) => (other % 100) - (one % 100) || other - one),
      members: some.filter(fit),
    };
  }

  const bounds = [null, -1, 0, 1, 3];
  const ranges = bounds
    .flatMap((min) => bounds.map((max) => ({ min, max })))
    .filter(({ min, max }) => typeof min !== 'number' || typeof max !== 'number' || min <= max);

  it.each(ranges)('finds from $min to $max, in all time and lately', async (range) => {
    for (const [type, lastDays] of [
      ['BROWSE', null],
      ['BROWSE', 30],
      ['REVIEW', undefined],
    ] as const) {
      const count: EventCount = { type, lastDays, ...range };
      expect(await found({ eventCounts: [count] })).toEqual(those((customer) => fits(customer, count)));
    }
  });

  it('is part of larger filters', async () => {
    const often: EventCount = { type: 'BROWSE', min: 5 };
    const never: EventCount = { type: 'BROWSE', max: 0, lastDays: 30 };
    const reviewed: EventCount = { type: 'REVIEW' };
    expect(await found({ eventCounts: [often, never] })).toEqual(
      those((customer) => fits(customer, often) && fits(customer, never)),
    );
    expect(await found({ or: [{ eventCounts: [reviewed] }, { not: { eventCounts: [never] } }] })).toEqual(
      those((customer) => fits(customer, reviewed) || !fits(customer, never)),
    );
    expect(await found({ not: { eventCounts: [reviewed] }, spend: { max: 50 } })).toEqual(
      those((customer) => !fits(customer, reviewed) && customer % 100 <= 50),
    );
  });

  it.each<EventCount>([
    { type: 'BROWSE', min: 3 },
    { type: 'BROWSE', max: 0 },
    { type: 'REVIEW', min: 2 },
    { type: 'REVIEW', max: 1 },
  ])('reads the events once for all customers: %j', async (count) => {
    const list = new CustomerListStatements(scope, { filter: { eventCounts: [count] } });
    const content = { limit: 50, columns: [] };
    const page = list.page({ field: 'SPEND', direction: 'DESC' }, 'known', undefined, content);
    expect(await readings(list.aggregate('count(*)'))).toBe(1);
    // Those of the first 1,000 customers are counted one by one before, all others' at once.
    expect(await readings(page)).toBeLessThanOrEqual(1_000);
  });

  it('reads them in one process, where else each of those that share the work would read all', async () => {
    const list = new CustomerListStatements(scope, { filter: { eventCounts: [{ type: 'BROWSE', min: 3 }] } });
    const { sql, parameters } = list.aggregate('count(*)');
    const [row] = await database.dataSource.query<{ 'QUERY PLAN': unknown[] }[]>(
      `explain (format json) ${sql}`,
      parameters,
    );
    // Postgres hands no worker what is materialized for the whole statement.
    expect(JSON.stringify(row)).toContain('"CTE Name":"counted"');
  });

  it.each<CustomerFilter>([
    { or: [{ eventCounts: [{ type: 'BROWSE', min: 3 }] }, { country: ['DE'] }] },
    { not: { eventCounts: [{ type: 'BROWSE', max: 2 }] } },
  ])('searches what it found where that cannot be joined: %j', async (filter) => {
    const { sql, parameters } = new CustomerListStatements(scope, { filter }).aggregate('count(*)');
    expect(await planOf(sql, parameters)).not.toContain('"Parent Relationship":"SubPlan"');
  });

  it('searches it for the segments of exported customers, too', async () => {
    const often = { eventCounts: [{ type: 'BROWSE', min: 5 }] } satisfies CustomerFilter;
    const never = { eventCounts: [{ type: 'BROWSE', max: 0 }] } satisfies CustomerFilter;
    const { sql, parameters } = exportStatement({
      period: { modelId: '1', horizonDays: 365, asOf },
      filter: null,
      memberships: [often, never].map((filter) => ({ filter }) as unknown as Segment),
      personalData: false,
    });
    expect(await planOf(sql, parameters)).not.toContain('"Parent Relationship":"SubPlan"');
    const rows = await database.dataSource.query<{ memberships: boolean[] }[]>(sql, parameters);
    expect(rows.map(({ memberships }) => memberships)).toEqual(
      Array.from({ length: customers }, (_, i) => [(i + 1) % 7 >= 5, (i + 1) % 7 === 0]),
    );
  });

  async function planOf(sql: string, parameters: unknown[]): Promise<string> {
    return JSON.stringify(await database.dataSource.query(`explain (format json) ${sql}`, parameters));
  }

  /** How often one month of events was gone through at most. */
  async function readings({ sql, parameters }: Statement): Promise<number> {
    const [row] = await database.dataSource.query<{ 'QUERY PLAN': unknown[] }[]>(
      `explain (analyze, format json) ${sql}`,
      parameters,
    );
    const plan = row!['QUERY PLAN'];
    const loops = [...JSON.stringify(plan).matchAll(/"Relation Name":"behavior_event_[^}]*?"Actual Loops":(\d+)/g)];
    expect(loops.length).toBeGreaterThanOrEqual(4);
    return Math.max(...loops.map(([, count]) => Number(count)));
  }
});
