import { describe, expect, it } from 'vitest';
import { errorCodes } from '../../../src/errors.js';
import { createScoredShop } from '../../support/scored-shop.js';
import { type OpenTestServer, startTestServer, useTestServer } from '../support/test-server.js';

/** Values by the name and labels of each line. */
async function scrape(server: OpenTestServer): Promise<Readonly<Record<string, number>>> {
  const response = await server.fetch('/metrics', { headers: { authorization: `Bearer ${server.keys.VIEWER}` } });
  expect([response.status, response.headers.get('content-type')]).toEqual([
    200,
    'text/plain; version=0.0.4; charset=utf-8',
  ]);
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    lines.map((line) => {
      const end = line.lastIndexOf(' ');
      return [line.slice(0, end), Number(line.slice(end + 1))];
    }),
  );
}

const answered = (route: string, status: number, method = 'GET') =>
  `http_request_duration_seconds_count{method="${method}",route="${route}",status_code="${status}"}`;

describe('/metrics', () => {
  const server = useTestServer({ device: 'cpu' }, createScoredShop);

  it('tells which model serves, of which date lists are, and when anybody bought last', async () => {
    const metrics = await scrape(server);
    const [stored] = await server.database.dataSource.query<[{ id: string; scored: Date; bought: Date }]>(
      `select id, scored_as_of as scored, (select max(day)::timestamptz from purchase_day) as bought
       from model_version where state = 'ACTIVE'`,
    );
    expect(metrics).toMatchObject({
      clvgraph_model: Number(stored.id),
      clvgraph_scored_as_of_timestamp_seconds: stored.scored.getTime() / 1_000,
      clvgraph_newest_purchase_timestamp_seconds: stored.bought.getTime() / 1_000,
    });
  });

  it('tells how many runs wait and since when, and when one failed last', async () => {
    const { services, database } = server;
    const waiting = await services.runs.start('EVALUATE', {});
    const failed = await services.runs.start('COMPARE', {});
    await services.runs.start('EVALUATE', {});
    const settledAt = new Date('2026-03-01T10:00:00Z');
    await database.dataSource.query(`update run set state = 'FAILED', settled_at = $2 where id = $1`, [
      failed.id,
      settledAt,
    ]);
    const metrics = await scrape(server);
    expect(metrics).toMatchObject({
      'clvgraph_runs{kind="EVALUATE",state="PENDING"}': 2,
      'clvgraph_runs{kind="COMPARE",state="FAILED"}': 1,
      'clvgraph_runs_timestamp_seconds{kind="COMPARE",state="FAILED"}': settledAt.getTime() / 1_000,
    });
    const since = metrics['clvgraph_runs_timestamp_seconds{kind="EVALUATE",state="PENDING"}'];
    expect(since).toBeCloseTo(waiting.createdAt.getTime() / 1_000, 2);
  });

  it('counts requests by route and status, and errors by code', async () => {
    const before = await scrape(server);
    const rise = (after: Readonly<Record<string, number>>, name: string) => (after[name] ?? 0) - (before[name] ?? 0);
    await server.fetch('/healthz');
    await server.fetch('/nothing');
    await server.ask('{ me { id } }');
    await server.ask('{ me { unknown } }');
    await server.ask('{ runs { edges { node { id } } } }', { as: 'VIEWER' });
    const after = await scrape(server);
    const names = [answered('/healthz', 200), answered('/graphql', 200, 'POST'), answered('/graphql', 400, 'POST')];
    const codes = ['BAD_USER_INPUT', 'FORBIDDEN', 'NOT_FOUND', 'INTERNAL'].map(
      (code) => `clvgraph_errors_total{code="${code}"}`,
    );
    expect([...names, ...codes].map((name) => rise(after, name))).toEqual([1, 2, 1, 1, 1, 1, 0]);
    expect(rise(after, answered('/metrics', 200))).toBe(1);
    expect(
      after['http_request_duration_seconds_sum{method="POST",route="/graphql",status_code="200"}'],
    ).toBeGreaterThan(0);
  });

  it('tells of the process itself', async () => {
    const metrics = await scrape(server);
    for (const name of [
      'process_resident_memory_bytes',
      'process_cpu_seconds_total',
      'nodejs_eventloop_lag_p99_seconds',
    ]) {
      expect([name, metrics[name]]).toEqual([name, expect.any(Number)]);
      expect(metrics[name]).toBeGreaterThan(0);
    }
  });

  it.each([
    ['no key', {}],
    ['a wrong key', { 'x-api-key': 'clv_viewer_wrong' }],
  ])('is refused for %s', async (_what, headers) => {
    const response = await server.fetch('/metrics', { headers });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  });
});

it('/metrics of an empty database leaves out what is not there', async () => {
  await using server = await startTestServer();
  const names = Object.keys(await scrape(server)).filter((name) => name.startsWith('clvgraph'));
  expect(names.filter((name) => !name.startsWith('clvgraph_errors_total'))).toEqual([]);
});

it('/metrics has each code of errors from the start, so that the first one is a rise', async () => {
  await using server = await startTestServer();
  const metrics = await scrape(server);
  expect(errorCodes.map((code) => metrics[`clvgraph_errors_total{code="${code}"}`])).toEqual(errorCodes.map(() => 0));
});

it('/metrics counts as a request where keys are guessed by it', async () => {
  await using server = await startTestServer({ rateLimit: 2 });
  const guess = async (key: string) => (await server.fetch('/metrics', { headers: { 'x-api-key': key } })).status;
  const statuses = [await guess('clv_admin_a'), await guess('clv_admin_b'), await guess('clv_admin_c')];
  expect(statuses).toEqual([401, 401, 429]);
});
