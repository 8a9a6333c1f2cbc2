import { IsNull, Not } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { dayMs } from '../../../src/days.js';
import { ModelVersion, Run, Snapshot } from '../../../src/entities/index.js';
import { silentProgress } from '../../../src/progress.js';
import { globalId } from '../../../src/schema/global-id.js';
import { runPreprocessing } from '../../../src/services/preprocessing/preprocessing.service.js';
import { type OpenTestServer, useTestServer } from '../support/test-server.js';

interface Batch {
  readonly batch: {
    readonly created: number;
    readonly updated: number;
    readonly unchanged: number;
    readonly rejected: number;
    readonly items: readonly { readonly index: number; readonly status: string; readonly reason: string | null }[];
  };
}

const counts = 'created updated unchanged rejected items { index externalId status reason }';

/** A shop of 300 customers with two years of orders, long ago, sent as its own systems would. */
async function sendShop(server: OpenTestServer): Promise<Batch['batch'][]> {
  const start = Date.parse('2022-01-01T10:00:00Z');
  const orders = Array.from({ length: 300 }, (_, customer) =>
    Array.from({ length: 1 + (customer % 5) }, (_, order) => ({
      externalId: `o${customer}-${order}`,
      customerExternalId: `c${customer}`,
      placedAt: new Date(start + (((customer * 7) % 500) + order * (20 + (customer % 60))) * dayMs).toISOString(),
      lines: [{ productExternalId: `p${customer % 9}`, quantity: 1 + (customer % 3), unitPrice: '19.99' }],
    })),
  ).flat();
  const answers: Batch['batch'][] = [];
  for (let from = 0; from < orders.length; from += 500) {
    const { data } = await server.ask<Batch>(
      `mutation($orders: [OrderInput!]!) { batch: upsertOrders(orders: $orders) { ${counts} } }`,
      { as: 'MARKETER', variables: { orders: orders.slice(from, from + 500) } },
    );
    answers.push(data.batch);
  }
  return answers;
}

describe('an administrator', () => {
  const server = useTestServer();

  it('receives live data from the shop, item by item', async () => {
    const customers = [
      { externalId: 'c0', country: 'DE', attributes: { channel: 'shop' }, personalData: { email: 'ada@example.org' } },
      { externalId: 'c1' },
      { externalId: '' },
      { externalId: 'c0' },
    ];
    const send = async () =>
      (
        await server.ask<Batch>(
          `mutation($customers: [CustomerInput!]!) { batch: upsertCustomers(customers: $customers) { ${counts} } }`,
          { as: 'MARKETER', variables: { customers } },
        )
      ).data.batch;
    expect(await send()).toEqual({
      created: 2,
      updated: 0,
      unchanged: 0,
      rejected: 2,
      items: [
        { index: 0, externalId: 'c0', status: 'CREATED', reason: null },
        { index: 1, externalId: 'c1', status: 'CREATED', reason: null },
        { index: 2, externalId: '', status: 'REJECTED', reason: 'externalId: is empty' },
        { index: 3, externalId: 'c0', status: 'REJECTED', reason: 'is in this batch already, as item 0' },
      ],
    });
    expect(await send()).toMatchObject({ created: 0, unchanged: 2, rejected: 2 });

    const events = [
      { externalId: 'e1', customerExternalId: 'c1', type: 'SEARCH', occurredAt: '2024-05-01T00:00:00Z', text: 'mugs' },
      { externalId: 'e2', customerExternalId: 'c1', type: 'CLICK', occurredAt: 'yesterday' },
    ];
    const recorded = await server.ask<Batch>(
      `mutation($events: [EventInput!]!) { batch: recordEvents(events: $events) { ${counts} } }`,
      { variables: { events } },
    );
    expect(recorded.data.batch).toMatchObject({ created: 1, rejected: 1 });
    expect(recorded.data.batch.items[1]?.reason).toMatch(/occurredAt/);

    const products = await server.ask<Batch>(
      `mutation { batch: upsertProducts(products: [{ externalId: "p1", name: "Mug", price: 4.5 }, { externalId: "p2", price: "4.x" }]) { ${counts} } }`,
    );
    expect(products.data.batch).toMatchObject({ created: 1, rejected: 1 });

    // What names a person is nowhere in the audit log.
    const { data } = await server.ask<{ auditLog: { edges: { node: { action: string; details: object } }[] } }>(
      '{ auditLog { edges { node { action details } } } }',
    );
    expect(data.auditLog.edges.at(-1)!.node).toMatchObject({
      action: 'upsertCustomers',
      details: { outcome: 'DONE', counts: { created: 2, updated: 0, unchanged: 0, rejected: 2 } },
    });
    expect(JSON.stringify(data)).toContain('"customers":"4 items"');
    expect(JSON.stringify(data)).not.toMatch(/ada@example\.org|c0/);
  });

  it('leaves short entries in the audit log, whatever was sent', async () => {
    const attributes = Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`attribute ${i}`, i]));
    await server.ask(
      'mutation($d: String!, $f: CustomerFilterInput!) { createSegment(input: { name: "x", description: $d, filter: $f }) { __typename } }',
      { as: 'VIEWER', variables: { d: 'd'.repeat(100_000), f: { attributes } } },
    );
    await server.ask('mutation($id: ID!) { deleteSegment(id: $id) { __typename } }', {
      as: 'VIEWER',
      variables: { id: 'i'.repeat(100_000) },
    });
    const { data } = await server.ask<{ auditLog: { edges: { node: { action: string } }[] } }>(
      '{ auditLog(first: 2) { edges { node { action target details } } } }',
    );
    expect(data.auditLog.edges.map(({ node }) => node.action)).toEqual(['deleteSegment', 'createSegment']);
    expect(JSON.stringify(data).length).toBeLessThan(2_000);
  });

  it('is refused bulk data as a viewer', async () => {
    const { errors } = await server.ask(`mutation { upsertProducts(products: []) { created } }`, { as: 'VIEWER' });
    expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });

  it('starts preprocessing with what was left out decided, and sees who asked', async () => {
    await sendShop(server);
    const { data } = await server.ask<{ startPreprocessing: { id: string } }>(`mutation {
      startPreprocessing(input: { horizonDays: 90, options: { maxTrainingRows: 500 } }) {
        ... on Run { id kind state progress input requestedBy { name } createdAt settledAt }
      }
    }`);
    expect(data.startPreprocessing).toMatchObject({
      kind: 'PREPROCESS',
      state: 'PENDING',
      progress: 0,
      // The data ended long ago: the day after its last order.
      input: { asOf: '2024-01-16T00:00:00.000Z', horizonDays: 90, options: { maxTrainingRows: 500 } },
      requestedBy: { name: 'test ADMIN' },
      settledAt: null,
    });

    const cancelled = await server.ask('mutation($id: ID!) { cancelRun(id: $id) { state } }', {
      variables: { id: data.startPreprocessing.id },
    });
    expect(cancelled.data).toEqual({ cancelRun: { state: 'CANCELLED' } });
    const listed = await server.ask(
      '{ runs(filter: { kind: PREPROCESS, state: CANCELLED }) { edges { node { id } } pageInfo { hasNextPage } } }',
    );
    expect(listed.data).toEqual({
      runs: { edges: [{ node: { id: data.startPreprocessing.id } }], pageInfo: { hasNextPage: false } },
    });
    const run = await server.ask('query($id: ID!) { run(id: $id) { state error { code } } }', {
      variables: { id: data.startPreprocessing.id },
    });
    expect(run.data).toEqual({ run: { state: 'CANCELLED', error: null } });
  });

  it('names attributes that models are to read, of those that there are', async () => {
    const start = async (covariates: string[]) => {
      const { data, errors } = await server.ask<{ startPreprocessing: { input?: object } }>(
        `mutation($covariates: [String!]) { startPreprocessing(input: { covariates: $covariates }) {
          ... on Run { input }
        } }`,
        { variables: { covariates } },
      );
      return { ...data?.startPreprocessing, ...errors?.[0], fields: errors?.[0]?.extensions['fields'] };
    };
    expect(await start(['channel'])).toMatchObject({ input: { covariates: ['channel'] } });
    expect(await start(['channel', 'plan'])).toMatchObject({
      message: 'covariates: no customer has the attribute "plan". There are "channel".',
      extensions: { code: 'BAD_USER_INPUT' },
    });
    const field = (...problems: string[]) => [{ field: 'covariates', problems }];
    expect((await start(['channel', 'channel'])).fields).toEqual(field('must have each attribute only once'));
    expect((await start(['channel', ''])).fields).toEqual(
      field('must have attributes of 1 to 200 characters'),
    );
    expect((await start(Array.from({ length: 11 }, (_, i) => `a${i}`))).fields).toEqual(
      field('must contain no more than 10 elements'),
    );
  });

  it('tells the audit log what the caller is told of a name that no attribute can have', async () => {
    const { errors } = await server.ask(
      'mutation { startPreprocessing(input: { covariates: ["a\\u0000"] }) { __typename } }',
    );
    expect(errors?.[0]).toMatchObject({
      message: 'covariates: one holds a NUL character or half a surrogate pair.',
      extensions: { code: 'BAD_USER_INPUT' },
    });
    const { data } = await server.ask('{ auditLog(first: 1) { edges { node { action details } } } }');
    expect(data).toMatchObject({
      auditLog: {
        edges: [
          { node: { action: 'startPreprocessing', details: { outcome: 'REFUSED', errorCode: 'BAD_USER_INPUT' } } },
        ],
      },
    });
  });

  it('looks at what a snapshot holds, and fine-tunes on it', async () => {
    const { snapshotId } = await runPreprocessing(
      server.database.dataSource,
      { asOf: '2023-08-01', horizonDays: 90 },
      { progress: silentProgress },
    );
    const id = globalId('Snapshot', snapshotId);
    const { data, errors } = await server.ask<{
      snapshot: {
        report: { customers: { kept: number } };
        features: string[];
        featureSchema: { name: string }[];
        sample: {
          narrative: string;
          narrativeSpans: { text: string }[];
          features: Record<string, number>;
          label: number;
        }[];
      };
    }>(
      `query($id: ID!) { snapshot(id: $id) {
         id asOf horizonDays report features featureSchema { name label group unit }
         sample(first: 3) { split asOf horizonDays narrative narrativeSpans { group text } features label }
       } }`,
      { variables: { id } },
    );
    expect(errors).toBeUndefined();
    const { snapshot } = data;
    expect(snapshot).toMatchObject({ id, asOf: '2023-08-01T00:00:00.000Z', horizonDays: 90 });
    expect(snapshot.report.customers.kept).toBe(300);
    expect(snapshot.features).toEqual(snapshot.featureSchema.map(({ name }) => name));
    expect(snapshot.sample).toHaveLength(3);
    for (const { narrative, narrativeSpans, features, label } of snapshot.sample) {
      expect(narrative).toBe(narrativeSpans.map(({ text }) => text).join(' '));
      expect(Object.keys(features)).toEqual(snapshot.features);
      expect(label).toEqual(expect.any(Number));
    }
    expect((await server.ask('{ snapshots { edges { node { id number } } } }')).data).toEqual({
      snapshots: { edges: [{ node: { id, number: 1 } }] },
    });

    const started = await server.ask(
      'mutation($id: ID!) { startFineTune(input: { snapshotId: $id, epochs: 1, strategy: LORA }) { ... on Run { kind input snapshot { id } } } }',
      { variables: { id } },
    );
    expect(started.data).toEqual({
      startFineTune: { kind: 'FINE_TUNE', input: { snapshotId: id, epochs: 1, strategy: 'LORA' }, snapshot: { id } },
    });
    const wrong = await server.ask('mutation($id: ID!) { startScoring(input: { modelId: $id }) { __typename } }', {
      variables: { id },
    });
    expect(wrong.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });

  it('tells what a run has made that was cancelled', async () => {
    const { manager } = server.database.dataSource;
    const snapshot = await manager.findOneByOrFail(Snapshot, { completedAt: Not(IsNull()) });
    const run = await manager.save(manager.create(Run, { kind: 'RETRAIN', state: 'CANCELLED', settledAt: new Date() }));
    const model = await manager.save(
      manager.create(ModelVersion, {
        base: 'built-in',
        strategy: 'FULL',
        objective: 'ZILN',
        state: 'FAILED',
        runId: run.id,
      }),
    );
    await manager.update(Snapshot, snapshot.id, { runId: run.id });
    const { data } = await server.ask('query($id: ID!) { run(id: $id) { model { id state } snapshot { id } } }', {
      variables: { id: globalId('Run', run.id) },
    });
    expect(data['run']).toEqual({
      model: { id: globalId('ModelVersion', model.id), state: 'FAILED' },
      snapshot: { id: globalId('Snapshot', snapshot.id) },
    });
    await manager.delete(ModelVersion, model.id);
    await manager.update(Snapshot, snapshot.id, { runId: snapshot.runId });
  });

  it('starts no retrain for attributes that have gone from all customers', async () => {
    const { manager } = server.database.dataSource;
    const { id } = await manager.save(
      manager.create(ModelVersion, {
        base: 'built-in',
        strategy: 'FULL',
        objective: 'ZILN',
        covariates: ['gone'],
        state: 'ACTIVE',
      }),
    );
    const { errors } = await server.ask('mutation { startRetrain { __typename } }');
    await manager.delete(ModelVersion, { id });
    expect(errors?.[0]).toMatchObject({
      message: expect.stringContaining(
        `"gone". There are "channel". A retrain reads what the active model ${id} reads.`,
      ),
      extensions: { code: 'BAD_USER_INPUT' },
    });
  });

  it('keeps one retrain at a time, and a schedule', async () => {
    const retrain = async () =>
      (
        await server.ask(
          'mutation { startRetrain { __typename ... on Run { requestedBy { name } } ... on ErrorResult { errorCode } } }',
        )
      ).data['startRetrain'];
    expect(await retrain()).toEqual({ __typename: 'Run', requestedBy: { name: 'test ADMIN' } });
    expect(await retrain()).toEqual({ __typename: 'ConflictError', errorCode: 'CONFLICT' });

    const schedule = '{ retrainSchedule { cron timezone nextRunAt } }';
    expect((await server.ask(schedule)).data).toEqual({ retrainSchedule: null });
    await server.ask('mutation { scheduleRetrain(cron: "0 3 * * 1", timezone: "Europe/Berlin") { nextRunAt } }');
    expect((await server.ask(schedule)).data['retrainSchedule']).toMatchObject({
      cron: '0 3 * * 1',
      timezone: 'Europe/Berlin',
      nextRunAt: expect.stringMatching(/T0[12]:00:00\.000Z$/),
    });
    for (const cron of ['often', 'H H * * *', '0,H 3 * * 1']) {
      const wrong = await server.ask(`mutation { scheduleRetrain(cron: "${cron}") { cron } }`);
      expect(wrong.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
    }
    expect((await server.ask('mutation { unscheduleRetrain }')).data).toEqual({ unscheduleRetrain: true });
    expect((await server.ask('mutation { unscheduleRetrain }')).data).toEqual({ unscheduleRetrain: false });
  });

  it('sees which device answers', async () => {
    const { data } = await server.ask<{ engine: { description: string } }>('{ engine { name device description } }', {
      as: 'VIEWER',
    });
    expect(data.engine).toMatchObject({ name: 'onnx', device: expect.stringMatching(/^(CPU|WEBGPU|CUDA)$/) });
    expect(data.engine.description).toContain('ONNX Runtime');
  });
});
