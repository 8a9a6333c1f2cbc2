import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { globalId } from '../../../src/schema/global-id.js';
import { InferenceProcess, type InferenceProcessOptions } from '../../../src/services/inference/inference-process.js';
import { type ChildBuild, buildForChildProcesses } from '../../support/child-build.js';
import { createScoredShop } from '../../support/scored-shop.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

interface Answer {
  customers: { edges: { node: { clv: { predicted: number; basis: string; explanation: { summary: string } } } }[] };
}

const page = `{ customers(first: 3, orderBy: { field: CLV }) {
  edges { node { clv { predicted basis explanation { summary contributions { amount } } } } }
} }`;

describe('models in a process of their own', () => {
  let build: ChildBuild;
  let inference: InferenceProcess;
  let options: InferenceProcessOptions;
  let server: TestServer;
  let here: TestServer;
  const settings = { device: 'cpu', threads: 1 } as const;
  beforeAll(async () => {
    build = await buildForChildProcesses();
    server = await startTestServer(settings, createScoredShop(), ({ url }) => {
      options = {
        entry: build.module('src/services/inference/inference-main.ts'),
        environment: { DATABASE_URL: url, CLVGRAPH_DEVICE: 'cpu', CLVGRAPH_THREADS: '1' },
      };
      inference = new InferenceProcess(options);
      return inference;
    });
    here = await startTestServer(settings, createScoredShop());
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await here[Symbol.asyncDispose]();
  });

  /** So that nothing stored holds any more, and the list stays in its order. */
  const outdate = async ({ database: { dataSource } }: TestServer) => {
    await dataSource.query('update customer set facts_changed_at = clock_timestamp()');
    await dataSource.query('delete from explanation');
  };

  it('answers as this process would', async () => {
    await Promise.all([outdate(server), outdate(here)]);
    const [there, local] = await Promise.all([server.ask<Answer>(page), here.ask<Answer>(page)]);
    expect(there.errors).toBeUndefined();
    expect(there.data.customers.edges.map(({ node }) => node.clv.basis)).toEqual(Array(3).fill('MODEL'));
    expect(there).toEqual(local);
  });

  it('tells what executes the models there', async () => {
    expect(await server.ask('{ engine { name device description } }')).toEqual(
      await here.ask('{ engine { name device description } }'),
    );
  });

  it('carries expected failures over', async () => {
    const period = { modelId: '987654', horizonDays: 365, asOf: new Date() };
    await expect(inference.score(period, [])).rejects.toMatchObject({
      name: 'ClvError',
      code: 'NOT_FOUND',
      message: `There is no model 987654 (${globalId('ModelVersion', '987654')}). List the models to see their ids.`,
    });
  });

  it('fails the requests that it dies over, by a code of ours, and answers the next ones', async () => {
    await inference.engine();
    const pid = inference.pid!;
    process.kill(pid, 'SIGSTOP');
    const asked = inference.engine();
    process.kill(pid, 'SIGKILL');
    await expect(asked).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
    await outdate(server);
    const { errors, data } = await server.ask<Answer>(page);
    expect(errors).toBeUndefined();
    expect(data.customers.edges).toHaveLength(3);
    expect(inference.pid).not.toBe(pid);
  });

  it('is replaced where it is stuck', async () => {
    const watched = new InferenceProcess({ ...options, mostSilentMs: 15_000 });
    const engine = await watched.engine();
    process.kill(watched.pid!, 'SIGSTOP');
    await expect(watched.engine()).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
    expect(await watched.engine()).toEqual(engine);
    await watched.close();
  }, 60_000);

  it('ends when it is closed', async () => {
    await inference.engine();
    const pid = inference.pid!;
    await inference.close();
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });
});
