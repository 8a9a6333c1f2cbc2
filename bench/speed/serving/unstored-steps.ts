import { globalId } from '../../../src/schema/global-id.js';
import { spreadOf } from '../results.js';
import type { BenchDatabase } from './bench-database.js';
import { ask } from './load.js';
import type { BurstSummary, ColdPage } from './measures.js';
import { type Effort, explainedPage, valueFields } from './pages.js';
import { type OwnServer, startNodeServer } from './server-process.js';
import { Servers } from './servers.js';
import { originals } from './shop.js';

/** A page of which nothing is stored: values and explanations. */
export async function measureCold(database: BenchDatabase): Promise<ColdPage> {
  const { environment, key } = database;
  await using servers = new Servers();
  const ours = await servers.add(startNodeServer('ours', environment));
  try {
    // The model and its programs are in memory after the first one.
    for (const warm of [true, false]) {
      await outdate(database);
      await database.query('delete from explanation');
      ours.reset();
      const began = performance.now();
      await ask(ours.url, key, explainedPage);
      const ms = performance.now() - began;
      if (!warm) return { customers: 50, ms, longestStallMs: (await ours.report()).longestStallMs };
    }
    throw new Error('unreachable');
  } finally {
    await renew(database);
  }
}

/** So that predictions of the `originals` hold no longer. */
async function outdate(database: BenchDatabase): Promise<void> {
  await database.query('update customer set facts_changed_at = clock_timestamp() where id <= $1', [originals]);
}

/** What `outdate` has left: the next step is to find all predictions stored. */
async function renew(database: BenchDatabase): Promise<void> {
  await database.query(
    `update prediction p set facts_changed_at = c.facts_changed_at from customer c
     where c.id = p.customer_id and p.facts_changed_at <> c.facts_changed_at`,
  );
  await database.query('vacuum (analyze) prediction, customer');
}

const clients = 64;
/** Before that many, Node has not compiled all that it will. */
const warmUpBursts = 5;
/** One takes a fraction of a second and varies much. */
const burstsARound = 3;

/** 64 clients at once, each with a customer whose prediction must be computed: sharing batches, and each by itself. */
export async function measureBurst(
  database: BenchDatabase,
  { rounds }: Effort,
): Promise<Record<'together' | 'apart', BurstSummary>> {
  const { environment, key } = database;
  await using servers = new Servers();
  const sides = {
    together: await servers.add(startNodeServer('ours', environment)),
    apart: await servers.add(startNodeServer('unbatched', environment)),
  };
  const names = ['together', 'apart'] as const;
  const bursts = { together: [] as Burst[], apart: [] as Burst[] };
  try {
    for (let i = 0; i < warmUpBursts; i++) for (const name of names) await burst(database, sides[name], key);
    for (let round = 0; round < rounds * burstsARound; round++) {
      for (const name of round % 2 ? names.toReversed() : names) {
        bursts[name].push(await burst(database, sides[name], key));
        console.log(`${name}: ${JSON.stringify(bursts[name].at(-1))}`);
      }
    }
  } finally {
    await renew(database);
  }
  return { together: summaryOfBursts(bursts.together), apart: summaryOfBursts(bursts.apart) };
}

interface Burst {
  readonly ms: number;
  readonly modelBatches: number;
  readonly longestStallMs: number;
}

async function burst(database: BenchDatabase, server: OwnServer, key: string): Promise<Burst> {
  const ids = await database.query<{ id: string }>(
    `select customer_id as id from prediction where customer_id <= ${originals} order by md5(customer_id::text) limit $1`,
    [clients],
  );
  // Connections are open before the clock starts.
  await Promise.all(ids.map(() => ask(server.url, key, '{ me { id } }')));
  await outdate(database);
  server.reset();
  const began = performance.now();
  await Promise.all(
    ids.map(({ id }) =>
      ask(server.url, key, `query($id: ID!) { customer(id: $id) { clv { ${valueFields} } } }`, {
        id: globalId('Customer', id),
      }),
    ),
  );
  const ms = performance.now() - began;
  const { modelBatches, longestStallMs } = await server.report();
  return { ms, modelBatches, longestStallMs };
}

function summaryOfBursts(bursts: readonly Burst[]): BurstSummary {
  return {
    ms: spreadOf(bursts.map(({ ms }) => ms)),
    modelBatches: spreadOf(bursts.map(({ modelBatches }) => modelBatches)),
    longestStallMs: spreadOf(bursts.map(({ longestStallMs }) => longestStallMs)),
  };
}
