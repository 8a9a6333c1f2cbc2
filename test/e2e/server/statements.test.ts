import { beforeAll, describe, expect, it, vi } from 'vitest';
import { recordStatements, type StatementRecorder } from '../../support/statements.js';
import { useScoredServer } from '../support/test-server.js';

const list = `query($first: Int!) {
  customers(first: $first, orderBy: { field: CLV }) {
    edges { node { externalId clv { predicted interval { lower upper } percentile tier model { grade } explanation { baseline summary } } } }
  }
}`;

describe('the number of SQL statements', () => {
  const server = useScoredServer();
  let recorder: StatementRecorder;
  beforeAll(async () => {
    recorder = recordStatements(server.database.dataSource);
    await server.ask(list, { variables: { first: 1 } });
  });

  async function statementsFor(query: string, variables: Record<string, unknown>): Promise<string[]> {
    // Keys are remembered for some seconds: here, always.
    await server.ask('{ me { id } }');
    recorder.take();
    const { errors } = await server.ask(query, { variables });
    expect(errors).toBeUndefined();
    return recorder.take();
  }

  /** Of three times: on a busy machine two loads may come too far apart to be answered together. */
  async function fewest(query: string, variables: Record<string, unknown>): Promise<number> {
    const counts = [];
    for (let time = 0; time < 3; time++) counts.push((await statementsFor(query, variables)).length);
    return Math.min(...counts);
  }

  it('does not grow with the customers of a list: everything stored, at most eight', async () => {
    const withChange = list.replace('externalId', 'externalId clvChange { at previous }');
    await server.ask(withChange, { variables: { first: 50 } });
    const counts = [];
    for (const first of [1, 10, 50]) counts.push(await fewest(withChange, { first }));
    expect(new Set(counts).size).toBe(1);
    expect(counts[0]).toBeLessThanOrEqual(8);
  });

  it('does not grow with them where the members of their segments are asked for', async () => {
    await server.ask('mutation { createSegment(input: { name: "all", filter: {} }) { __typename } }');
    const members = `query($first: Int!) { customers(first: $first) { edges { node { externalId
      segments { members(first: 3) { edges { node { externalId } } } } } } } }`;
    expect(await fewest(members, { first: 10 })).toBe(await fewest(members, { first: 1 }));
  });

  it('does not grow with them where nothing is stored either, and the model runs once', async () => {
    const score = vi.spyOn(server.services.inference, 'score');
    const counts = [];
    for (const first of [1, 10, 50]) {
      // Stale, not gone: else the list would be another one.
      await server.database.dataSource.query('update customer set facts_changed_at = clock_timestamp()');
      await server.database.dataSource.query('delete from explanation');
      score.mockClear();
      counts.push((await statementsFor(list, { first })).length);
      expect(score.mock.calls.map(([, rows]) => rows.length)).toEqual([first]);
    }
    expect(new Set(counts).size).toBe(1);
    expect(counts[0]).toBeLessThanOrEqual(16);
    score.mockRestore();
  });

  it('does not grow with them for everything else that a customer has', async () => {
    const everything = `query($first: Int!) {
      customers(first: $first) { edges { node {
        clvChange { previousTier } firstOrderDate numberOfOrders totalSpent personalData { name } segments { name }
        orders(first: 3) { edges { node { total lines { productName } } } }
        events(first: 3) { edges { node { type text } } }
        clv { predicted model { grade } } other: clv(horizonDays: 90) { predicted }
      } } }
    }`;
    for (const name of ['a', 'b']) {
      await server.services.segments.create({ name, filter: { spend: { min: 1 } } });
    }
    await statementsFor(everything, { first: 50 });
    const counts = [];
    for (const first of [1, 10, 50]) counts.push(await fewest(everything, { first }));
    expect(new Set(counts).size).toBe(1);
  });

  it('is one more for the total, and only where it is asked for', async () => {
    const counting = (statements: string[]) => statements.filter((sql) => sql.includes('count(*)')).length;
    expect(counting(await statementsFor('{ customers { edges { cursor } } }', {}))).toBe(0);
    expect(counting(await statementsFor('{ customers { totalCount } }', {}))).toBe(1);
  });

  it('is shared by clients that ask for one unscored customer each at the same time', async () => {
    const clients = 64;
    const customers = await server.database.dataSource.query<{ externalId: string }[]>(
      `select external_id as "externalId" from customer c join customer_summary s on s.customer_id = c.id
       where s.orders > 0 order by c.id limit $1`,
      [clients],
    );
    await server.database.dataSource.query('update customer set facts_changed_at = clock_timestamp()');
    const score = vi.spyOn(server.services.inference, 'score');
    const answers = await Promise.all(
      customers.map(({ externalId }) =>
        server.ask<{ customer: { clv: { predicted: number } } }>(
          `{ customer(externalId: "${externalId}", source: "demo") { clv { predicted } } }`,
        ),
      ),
    );
    expect(answers.every(({ data }) => data.customer.clv.predicted > 0)).toBe(true);
    const batches = score.mock.calls.map(([, rows]) => rows.length);
    expect(batches.reduce((sum, size) => sum + size, 0)).toBe(clients);
    // Here clients and server share a process, so they cannot come all at once.
    expect(batches.length).toBeLessThanOrEqual(clients / 2);
    score.mockRestore();
  });
});
