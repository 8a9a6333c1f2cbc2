import { beforeAll, describe, expect, it } from 'vitest';
import { type Ask, useScoredServer } from '../support/test-server.js';

interface Deletion {
  readonly deletion: {
    readonly deleted: number;
    readonly unknown: number;
    readonly rejected: number;
    readonly items: readonly { readonly externalId: string; readonly status: string; readonly reason: string | null }[];
  };
}

const result = 'deleted unknown rejected items { index externalId status reason }';
const deleteOrders = `mutation($ids: [String!]!) { deletion: deleteOrders(source: "demo", externalIds: $ids) { ${result} } }`;
const deleteEvents = `mutation($events: [EventKeyInput!]!) {
  deletion: deleteEvents(source: "demo", events: $events) { ${result} } }`;

const clv = `clv {
  predicted purchaseProbability predictedOrders historic averageOrderValue averageDaysBetweenOrders percentile tier basis
  expectedNextOrderDate interval { lower upper } whatIfs { change predicted }
  explanation { baseline residual contributions { label value amount } narrative { text } } }`;
const everything = (externalId: string) => `{
  customer(externalId: "${externalId}", source: "demo") {
    numberOfOrders totalSpent totalReturned firstOrderDate lastOrderDate updatedAt
    orders(first: 200) { edges { node { externalId total } } }
    events(first: 200) { edges { node { externalId text } } }
    ${clv}
  }
  portfolio { customers totalHistoric totalPredicted gini }
  customers(first: 50, orderBy: { field: CLV, direction: DESC }) { edges { node { externalId totalSpent clv { predicted } } } }
}`;

/** Batches of other customers may change the last digits. */
const about = (value: number): unknown => expect.closeTo(value, 1);

function near(value: unknown): unknown {
  if (typeof value === 'number') return about(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(near);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, near(inner)]));
}

describe('orders and events that are deleted', () => {
  const server = useScoredServer();
  let buyer: string;
  beforeAll(async () => {
    const [row] = await query<{ externalId: string }>(
      `select external_id as "externalId" from customer_summary s join customer c on c.id = s.customer_id
       where occasions > 3 order by c.id limit 1`,
    );
    buyer = row!.externalId;
  });

  const query = <Row>(sql: string, parameters?: unknown[]) => server.database.dataSource.query<Row[]>(sql, parameters);
  const ask = async <Data>(operation: string, options?: Ask): Promise<Data> => {
    const { data, errors } = await server.ask<Data>(operation, options);
    expect(errors).toBeUndefined();
    return data;
  };
  const send = (externalId: string, customer: string, total: string) =>
    ask(`mutation { upsertOrders(source: "demo", orders: [{ externalId: "${externalId}", customerExternalId: "${customer}",
      placedAt: "2025-06-29T12:00:00Z", total: "${total}" }]) { created } }`);
  const storedTexts = async (text: string) => {
    const found: string[] = [];
    for (const table of ['behavior_event', 'explanation', 'prediction', 'audit_entry']) {
      const rows = await query(`select from ${table} t where position($1 in t::text) > 0`, [text]);
      if (rows.length > 0) found.push(table);
    }
    return found;
  };

  it('leave no trace in what is told of a customer, of lists and of the base', async () => {
    const before = await ask<{ customer: { clv: object } }>(everything(buyer));
    await send('mistyped', buyer, '5000000');
    const meanwhile = await ask<{ customer: { clv: object; totalSpent: number } }>(everything(buyer));
    expect(meanwhile.customer.totalSpent).toBeGreaterThan(5_000_000);
    expect(meanwhile.customer.clv).not.toEqual(near(before.customer.clv));

    const explained = () =>
      query('select from explanation join customer c on c.id = customer_id where c.external_id = $1', [buyer]);
    expect(await explained()).not.toEqual([]);
    const variables = { ids: ['mistyped', 'mistyped', 'never there', ''] };
    expect(await ask<Deletion>(deleteOrders, { as: 'MARKETER', variables })).toEqual({
      deletion: {
        deleted: 1,
        unknown: 1,
        rejected: 2,
        items: [
          { index: 0, externalId: 'mistyped', status: 'DELETED', reason: null },
          { index: 1, externalId: 'mistyped', status: 'REJECTED', reason: 'is in this batch already, as item 0' },
          { index: 2, externalId: 'never there', status: 'UNKNOWN', reason: null },
          { index: 3, externalId: '', status: 'REJECTED', reason: 'externalId: is empty' },
        ],
      },
    });
    expect(await explained()).toEqual([]);
    expect(await ask(everything(buyer))).toEqual(near(before));
    expect((await ask<Deletion>(deleteOrders, { variables })).deletion).toMatchObject({ deleted: 0, unknown: 2 });
  });

  it('make somebody who bought nothing else a customer without a prediction again', async () => {
    const lead = '{ customer(externalId: "lead") { totalSpent lastOrderDate clv { basis predicted } } }';
    const predictions = `select from prediction p join customer c on c.id = p.customer_id where external_id = 'lead'`;
    const before = await ask(lead);
    await ask(`mutation { upsertOrders(orders: [{ externalId: "test", customerExternalId: "lead",
      placedAt: "2025-06-29T12:00:00Z", total: 80 }]) { created } }`);
    expect(await ask(lead)).toMatchObject({ customer: { totalSpent: 80, clv: { basis: 'MODEL' } } });
    // As a scoring would.
    await query(
      `insert into prediction select altered.* from (select * from prediction limit 1) p, customer c,
         jsonb_populate_record(p::prediction, jsonb_build_object('customer_id', c.id)) altered
       where c.external_id = 'lead'`,
    );
    expect(await query(predictions)).toHaveLength(1);
    await ask('mutation { deleteOrders(externalIds: ["test"]) { deleted } }');
    expect(await ask(lead)).toEqual(before);
    expect(before).toMatchObject({ customer: { totalSpent: 0, lastOrderDate: null, clv: { basis: 'NONE' } } });
    expect(await query(predictions)).toEqual([]);
  });

  it('leave no words of an event in an explanation, stored or shown', async () => {
    const said = 'wobbly zeppelin handle';
    const before = await ask(everything(buyer));
    const event = { externalId: 'said', occurredAt: '2025-06-30T08:00:00Z' };
    await ask('mutation($events: [EventInput!]!) { recordEvents(source: "demo", events: $events) { created } }', {
      variables: { events: [{ ...event, customerExternalId: buyer, type: 'SUPPORT_TICKET', text: said }] },
    });
    expect(JSON.stringify(await ask(everything(buyer)))).toContain(said);
    expect(await storedTexts(said)).toEqual(['behavior_event', 'explanation']);

    const { deletion } = await ask<Deletion>(deleteEvents, { as: 'MARKETER', variables: { events: [event] } });
    expect(deletion).toMatchObject({ deleted: 1, items: [{ externalId: 'said', status: 'DELETED' }] });
    expect(await storedTexts(said)).toEqual([]);
    expect(await ask(everything(buyer))).toEqual(near(before));
    expect((await ask<Deletion>(deleteEvents, { variables: { events: [event] } })).deletion).toMatchObject({
      deleted: 0,
      unknown: 1,
    });
  });

  it('leave an entry of who deleted how many, and are not for those who may only read', async () => {
    await ask(deleteOrders, { as: 'MARKETER', variables: { ids: ['mistyped', ''] } });
    const { auditLog } = await ask<{ auditLog: { edges: { node: object }[] } }>(
      '{ auditLog(first: 1) { edges { node { action details apiKey { name } } } } }',
    );
    expect(auditLog.edges[0]!.node).toEqual({
      action: 'deleteOrders',
      details: {
        arguments: { source: 'demo', externalIds: '2 items' },
        outcome: 'DONE',
        counts: { deleted: 0, unknown: 1, rejected: 1 },
      },
      apiKey: { name: 'test MARKETER' },
    });
    for (const [operation, variables] of [
      [deleteOrders, { ids: ['x'] }],
      [deleteEvents, { events: [{ externalId: 'x', occurredAt: '2025-01-01' }] }],
    ] as const) {
      const { errors } = await server.ask(operation, { as: 'VIEWER', variables });
      expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    }
  });

  it('are at most 1,000 in a call, of a source that can be one', async () => {
    const ids = Array.from({ length: 1_001 }, (_, i) => `o${i}`);
    const tooMany = await server.ask(deleteOrders, { variables: { ids } });
    expect(tooMany.errors?.[0]).toMatchObject({
      message: 'The batch has 1001 items; at most 1000 are taken. Send it in several calls.',
      extensions: { code: 'BAD_USER_INPUT' },
    });
    const nowhere = await server.ask('mutation { deleteOrders(source: " ", externalIds: ["a"]) { deleted } }');
    expect(nowhere.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
    expect((await ask<Deletion>(deleteOrders, { variables: { ids: ids.slice(1) } })).deletion.unknown).toBe(1_000);
  });
});
