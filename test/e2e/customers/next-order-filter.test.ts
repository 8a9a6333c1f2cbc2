import { describe, expect, it } from 'vitest';
import { dayMs } from '../../../src/days.js';
import { shopCustomers } from '../../support/scored-shop.js';
import { type GraphqlAnswer, useScoredServer } from '../support/test-server.js';

interface Page {
  customers: {
    edges: { node: { externalId: string; clv: { asOf: string; expectedNextOrderDate: string | null } } }[];
    pageInfo: { hasNextPage: boolean; endCursor: string | null };
  };
}

const query = `query($filter: CustomerFilterInput, $after: String) { customers(filter: $filter, first: 100, after: $after) {
  edges { node { externalId clv { asOf expectedNextOrderDate } } } pageInfo { hasNextPage endCursor }
} }`;

describe('customers by the days to their next order', () => {
  const server = useScoredServer();

  /** Whom the filter finds, with the days that each tells. */
  async function listed(filter: object): Promise<Map<string, number | null>> {
    const days = new Map<string, number | null>();
    for (let after: string | null = null, more = true; more;) {
      const { data, errors }: GraphqlAnswer<Page> = await server.ask<Page>(query, { variables: { filter, after } });
      expect(errors).toBeUndefined();
      for (const { node } of data.customers.edges) {
        const { asOf, expectedNextOrderDate: date } = node.clv;
        days.set(node.externalId, date === null ? null : (Date.parse(date) - Date.parse(asOf)) / dayMs);
      }
      ({ hasNextPage: more, endCursor: after } = data.customers.pageInfo);
    }
    return days;
  }

  const filtered = async (filter: object) => [...(await listed(filter)).keys()].toSorted();

  it('are filtered exactly as each customer tells it', async () => {
    const told = await listed({});
    expect(told.size).toBe(shopCustomers + 1);
    const whose = (fits: (days: number | null, id: string) => boolean) =>
      [...told].flatMap(([id, days]) => (fits(days, id) ? [id] : [])).toSorted();
    const days = new Set([...told.values()].filter((day) => day !== null));
    expect(days.size).toBeGreaterThan(50);
    for (const day of days) {
      expect([day, await filtered({ nextOrderDays: { min: day, max: day } })]).toEqual([
        day,
        whose((other) => other === day),
      ]);
    }
    const soon = { nextOrderDays: { max: 60 } };
    expect(await filtered(soon)).toEqual(whose((day) => day !== null && day <= 60));
    expect(await filtered({ not: soon })).toEqual(whose((day) => day === null || day > 60));
    expect(await filtered({ or: [soon, { source: ['default'] }] })).toEqual(
      whose((day, id) => (day !== null && day <= 60) || id === 'lead'),
    );
    expect(await filtered({ nextOrderDays: { min: 0 } })).toEqual(whose((day) => day !== null));
    expect(await filtered({ nextOrderDays: {} })).toEqual(whose(() => true));
  });

  it('fit no range where an earlier version has scored them', async () => {
    const { dataSource } = server.database;
    const [earlier] = await dataSource.query<[{ id: string; external: string }]>(
      `select p.customer_id as id, c.external_id as external
       from prediction p join customer c on c.id = p.customer_id limit 1`,
    );
    await dataSource.query('update prediction set expected_next_order_date = null where customer_id = $1', [
      earlier.id,
    ]);
    expect(await filtered({ nextOrderDays: { min: 0 } })).not.toContain(earlier.external);
    expect(await filtered({ not: { nextOrderDays: { min: 0 } } })).toContain(earlier.external);
  });
});
