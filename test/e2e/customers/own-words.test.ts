import { beforeAll, describe, expect, it } from 'vitest';
import type { ApiRole } from '../../../src/entities/index.js';
import { useScoredServer } from '../support/test-server.js';

interface Told {
  readonly predicted: number;
  readonly explanation: {
    readonly narrative: readonly { readonly group: string; readonly text: string }[];
    readonly tokens: readonly { readonly group: string; readonly token: string }[];
  };
}

describe('what a customer wrote', () => {
  const server = useScoredServer();
  let externalId: string;
  beforeAll(async () => {
    [{ externalId }] = await server.database.dataSource.query<[{ externalId: string }]>(
      `select external_id as "externalId" from customer c join customer_summary s on s.customer_id = c.id
       order by s.orders desc, id limit 1`,
    );
    await server.ask(`mutation { recordEvents(source: "demo", events: [
      { externalId: "t", customerExternalId: "${externalId}", type: SUPPORT_TICKET, occurredAt: "2025-06-28T10:00:00Z",
        text: "my name is Zwackelmann" },
      { externalId: "s", customerExternalId: "${externalId}", type: SEARCH, occurredAt: "2025-06-29T10:00:00Z",
        text: "gift for Zwackelmann" }]) { created } }`);
  });

  async function told(as: ApiRole): Promise<Told> {
    const { data, errors } = await server.ask<{ customer: { clv: Told } }>(
      `{ customer(externalId: "${externalId}", source: "demo") { clv { predicted explanation {
         narrative { group text } tokens { group token } } } } }`,
      { as },
    );
    expect(errors).toBeUndefined();
    return data.customer.clv;
  }
  const textOf = ({ explanation }: Told) => explanation.narrative.map(({ text }) => text).join(' ');

  it('is quoted to marketers only; everybody sees the rest', async () => {
    const marketer = await told('MARKETER');
    const viewer = await told('VIEWER');
    expect(textOf(marketer)).toContain('zwackelmann');
    expect(textOf(viewer)).not.toContain('zwackelmann');
    expect(viewer.predicted).toBe(marketer.predicted);
    const isQuote = ({ group }: { group: string }) => group === 'ENGAGEMENT' || group === 'SUPPORT';
    expect(viewer.explanation.narrative).toEqual(marketer.explanation.narrative.filter((span) => !isQuote(span)));
    expect(viewer.explanation.tokens).toEqual(marketer.explanation.tokens.filter((token) => !isQuote(token)));
  });

  it('is scrubbed of a name as soon as that is known', async () => {
    const { errors } = await server.ask(
      `mutation { upsertCustomers(source: "demo", customers: [{ externalId: "${externalId}",
         personalData: { name: "Hotzen Zwackelmann" } }]) { updated } }`,
    );
    expect(errors).toBeUndefined();
    const text = textOf(await told('MARKETER'));
    expect(text).toContain('my name is');
    expect(text).not.toContain('zwackelmann');
  });

  it('is scrubbed of the name in an address that is the id', async () => {
    externalId = 'petro.silius@example.com';
    const { errors } = await server.ask(`mutation {
      upsertOrders(source: "demo", orders: [{ externalId: "o", customerExternalId: "${externalId}", placedAt: "2025-06-01", total: 9 }])
        { created }
      recordEvents(source: "demo", events: [{ externalId: "u", customerExternalId: "${externalId}", type: SUPPORT_TICKET,
        occurredAt: "2025-06-28T10:00:00Z", text: "yours, Petro Silius" }]) { created } }`);
    expect(errors).toBeUndefined();
    const text = textOf(await told('MARKETER'));
    expect(text).toContain('yours');
    expect(text).not.toMatch(/petro|silius/);
  });
});
