import { beforeAll, describe, expect, it } from 'vitest';
import type { CustomerFilter } from '../../../../src/services/customers/customer-filter.types.js';
import { CustomerListService } from '../../../../src/services/customers/customer-list.service.js';
import { membershipStatement } from '../../../../src/services/customers/lists/customer-list-statements.js';
import { testConfig } from '../../../support/config.js';
import { useTestDatabase } from '../../../support/database.js';

const scope = { asOf: new Date('2026-01-01T00:00:00Z'), scored: null, isModelActive: false };
const member: CustomerFilter = { campaign: { name: 'Large' } };
const heldOut: CustomerFilter = { campaign: { name: 'Large', group: 'CONTROL' } };
const unknown: CustomerFilter = { campaign: { name: 'None' } };

describe('members of a large campaign', () => {
  const database = useTestDatabase();
  /** Of 20,000 who are all members, every fourth of them held out. */
  let ids: string[];
  beforeAll(async () => {
    const { dataSource } = database;
    await dataSource.query('insert into customer (external_id) select n from generate_series(1, 20000) n');
    await dataSource.query(
      `insert into campaign (name, starts_on, currency, contact_cost, margin, uplift, control_share, contacts)
       values ('Large', '2026-01-01', 'USD', 1, 1, 1, 0.25, 15000)`,
    );
    await dataSource.query(
      `insert into campaign_member (campaign_id, customer_id, member_group, predicted)
       select k.id, c.id, (case when c.external_id::integer % 4 = 0 then 'CONTROL' else 'CONTACTED' end)::campaign_group, 1
       from customer c, campaign k`,
    );
    await dataSource.query('analyze customer');
    await dataSource.query('analyze campaign_member');
    const rows = await dataSource.query<{ id: string }[]>('select id from customer order by id limit 20');
    ids = rows.map(({ id }) => id);
  });

  it('are found, and those who are none', async () => {
    const lists = new CustomerListService(database.dataSource, testConfig());
    const counts = [];
    for (const filter of [member, heldOut, unknown]) {
      counts.push(await lists.count({ filter }), await lists.count({ filter: { not: filter } }));
    }
    expect(counts).toEqual([20_000, 0, 5_000, 15_000, 0, 20_000]);
  });

  it('are looked up one by one where few customers are asked for', async () => {
    const { sql, parameters } = membershipStatement([member, { not: heldOut }, unknown], ids, scope);
    const rows = await database.dataSource.query<{ positions: number[] }[]>(sql, parameters);
    expect(rows.map(({ positions }) => positions)).toEqual(ids.map((_, i) => (i % 4 === 3 ? [0] : [0, 1])));
    const [{ 'QUERY PLAN': plan }] = await database.dataSource.query<[{ 'QUERY PLAN': unknown[] }]>(
      `explain (analyze, format json) ${sql}`,
      parameters,
    );
    const read = [...JSON.stringify(plan).matchAll(/"Relation Name":"campaign_member"[^}]*?"Actual Rows":([\d.]+)/g)];
    expect(read).toHaveLength(3);
    for (const [, rowsAtOnce] of read) expect(Number(rowsAtOnce)).toBeLessThanOrEqual(1);
  });
});
