import { expect, it } from 'vitest';
import type { ExplanationContent } from '../../../src/ml/explain/explanation.js';
import { useScoredServer } from '../support/test-server.js';

const server = useScoredServer();

const sumOf = ({ baseline, residual, contributions }: ExplanationContent): number =>
  contributions.reduce((amounts, { amount }) => amounts + amount, baseline + residual);

it('an explanation is of the prediction that it comes with, and kept only where facts have not changed since', async () => {
  const { clv: service } = server.services;
  const [{ id, externalId }] = await server.database.dataSource.query<[{ id: string; externalId: string }]>(
    `select c.id, external_id as "externalId" from customer_summary s join customer c on c.id = s.customer_id
     where spend between 50 and 500 order by c.id limit 1`,
  );
  const set = async (total: number) => {
    const { errors } = await server.ask(`mutation {
      upsertOrders(source: "demo", orders: [{ externalId: "wavering", customerExternalId: "${externalId}",
        placedAt: "2025-06-29T12:00:00Z", total: "${total}", itemCount: 1 }]) { items { status } } }`);
    expect(errors).toBeUndefined();
  };
  const value = async () => (await service.clv([{ customerId: id, horizonDays: 365 }]))[0]!;
  const explain = async (...clvs: Awaited<ReturnType<typeof value>>[]) =>
    (await service.explain(clvs.map((clv) => ({ clv, words: false })))).map((content) => content!);

  await set(1);
  const small = await value();
  await set(5_000);
  // The facts have changed between a prediction and its explanation.
  await explain(small);
  const large = await value();
  expect(large.predicted).not.toBe(small.predicted);
  // Both, from two requests that share a batch.
  const [ofSmall, ofLarge] = await explain(small, large);
  expect(sumOf(ofSmall!)).toBeCloseTo(small.predicted, 2);
  expect(sumOf(ofLarge!)).toBeCloseTo(large.predicted, 2);
  await set(1);
  const again = await value();
  expect(again.served.prediction!.featureHash).toBe(small.served.prediction!.featureHash);
  const [explanation] = await explain(again);
  const spent = ({ contributions }: ExplanationContent) => contributions.find(({ group }) => group === 'spend')?.value;
  expect(spent(explanation!)).toBeDefined();
  expect(spent(explanation!)).not.toBe(spent(ofLarge!));
  expect(Math.abs(explanation!.residual)).toBeLessThan(1);
  expect((await explain(await value()))[0]!.contributions).toEqual(explanation!.contributions);
});

it('an explanation is made anew where a scoring tells another value by the same facts, as after an upgrade', async () => {
  const { dataSource } = server.database;
  const { clv: service } = server.services;
  const [{ id }] = await dataSource.query<[{ id: string }]>(
    'select customer_id as id from prediction order by expected_value desc limit 1',
  );
  const explained = async () => {
    const [clv] = await service.clv([{ customerId: id, horizonDays: 365 }]);
    const [explanation] = await service.explain([{ clv: clv!, words: false }]);
    return { clv: clv!.predicted, explanation: explanation!.predicted };
  };
  const before = await explained();
  await dataSource.query('update prediction set expected_value = expected_value * 1.1 where customer_id = $1', [id]);
  await dataSource.query('update model_version set scored_as_of = scored_as_of');
  const { clv, explanation } = await explained();
  expect(clv).toBeGreaterThan(before.clv);
  expect(explanation).toBe(clv);
});

it('a value whose customer has no orders any more has neither an explanation nor what-ifs, as the schema says', async () => {
  const { clv: service, customers, ingestion, whatIfs } = server.services;
  const order = {
    externalId: 'gone',
    customerExternalId: 'comes and goes',
    placedAt: '2025-06-20T12:00:00Z',
    total: 100,
  };
  await ingestion.orders([order], 'demo');
  const { id } = (await customers.find({ source: 'demo', externalId: 'comes and goes' }))!;
  const [clv] = await service.clv([{ customerId: id, horizonDays: 365 }]);
  expect(clv!.served.prediction).not.toBeNull();
  await ingestion.deleteOrders(['gone'], 'demo');
  expect(await service.explain([{ clv: clv!, words: false }])).toEqual([null]);
  expect(await whatIfs.whatIfs([clv!])).toEqual([[]]);
});
