import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { BenchServer } from '../../bench-server.js';
import { readJson, writeJson } from '../../quality/work-folder.js';
import { checkPython, python, requirements } from '../engine/peer.js';
import { environment, readOwnResults, writeResults } from '../results.js';
import { databaseOf, measureImport } from './import-step.js';
import { configFor, measureFineTune, measurePreprocess } from './model-steps.js';
import { measureQueries } from './queries-step.js';
import type { ScaleResults, ScoringResult, SizeResults } from './scale-results.js';
import { measureScoring } from './scoring-step.js';
import { type Shop, writeShop } from './shop.js';

const stepNames = ['import', 'preprocess', 'fine-tune', 'score', 'queries'] as const;
type StepName = (typeof stepNames)[number];

interface Flags {
  readonly quick: boolean;
  readonly customers: readonly number[];
  readonly steps: readonly StepName[];
  readonly workers: readonly number[];
  readonly trainingRows: number;
  readonly folder: string;
}

/** From this many customers on, one round each, and scoring by two workers only. */
const large = 1_000_000;

const numbers = (text: string): number[] =>
  text.split(',').map((part) => {
    if (/^[1-9]\d{0,7}$/.test(part)) return Number(part);
    throw new InvalidArgumentError('They must be whole numbers, parted by commas.');
  });

const steps = (text: string): StepName[] =>
  text.split(',').map((part) => {
    const step = stepNames.find((name) => name === part);
    if (step) return step;
    throw new InvalidArgumentError(`They must be of ${stepNames.join(', ')}.`);
  });

export function command(): Command {
  return new Command('scale')
    .description('a synthetic shop of several sizes: import, preprocess, fine-tune, score, segments and pages')
    .option('--quick', 'the smallest shop only', false)
    .option('--customers <numbers>', 'sizes of the shop', numbers, [10_000, 100_000, large])
    .option('--steps <names>', `of ${stepNames.join(', ')}; later ones need the earlier ones' data`, steps, [
      ...stepNames,
    ])
    .option('--workers <numbers>', 'worker processes that score', numbers, [1, 2, 4])
    .option('--training-rows <number>', 'training rows at most that preprocess makes', Number, 16_000)
    .option('--folder <path>', 'where files and the embedded Postgres lie', join('.clvgraph', 'scale'))
    .action((flags: Flags) => run(flags.quick ? { ...flags, customers: [10_000] } : flags));
}

async function run(flags: Flags): Promise<void> {
  // Scoring is measured beside the Pipeline, hours after the first import.
  if (flags.steps.includes('score')) checkPython(python, requirements);
  await mkdir(flags.folder, { recursive: true });
  await using server = await BenchServer.open(join(flags.folder, 'postgres'));
  for (const customers of flags.customers) {
    for (const step of flags.steps) {
      console.log(`${customers} customers: ${step}`);
      await keep(customers, await measure(server, customers, step, flags));
    }
  }
}

async function measure(
  server: BenchServer,
  customers: number,
  step: StepName,
  { folder, workers, trainingRows }: Flags,
): Promise<SizeResults> {
  const name = databaseOf(customers);
  const url = server.urlOf(name);
  if (step === 'import') {
    const shop = await shopIn(folder, customers);
    const rounds = customers >= large ? 1 : 3;
    return { import: await measureImport(server, shop, { rounds, again: customers < large }), orders: shop.orders };
  }
  const dataSource = await server.connect(name);
  try {
    if (step === 'preprocess') return { preprocess: await measurePreprocess(dataSource, customers, trainingRows) };
    if (step === 'fine-tune') return { fineTune: await measureFineTune(dataSource, url) };
    if (step === 'queries') {
      return { queries: await measureQueries(dataSource, configFor(url)), ...(await sizesOf(dataSource)) };
    }
    const scoring: ScoringResult[] = [];
    for (const count of customers < large ? workers : [2])
      scoring.push(...(await measureScoring(dataSource, url, count)));
    return { scoring };
  } finally {
    await dataSource.destroy();
  }
}

/** The shop's file, made where it is not there yet. */
async function shopIn(folder: string, customers: number): Promise<Shop> {
  const record = join(folder, `shop-${customers}.json`);
  const known = await readJson<Shop>(record);
  if (known && existsSync(known.path)) return known;
  const shop = await writeShop(join(folder, `shop-${customers}.csv`), customers);
  await writeJson(record, shop);
  return shop;
}

async function sizesOf(dataSource: {
  query<T>(sql: string): Promise<T>;
}): Promise<Pick<SizeResults, 'databaseBytes' | 'tableBytes'>> {
  const tables = await dataSource.query<{ name: string; bytes: string }[]>(
    `select relname as name, pg_total_relation_size(oid) as bytes from pg_class
     where relkind = 'r' and relnamespace = 'public'::regnamespace and pg_total_relation_size(oid) > 1000000`,
  );
  const [database] = await dataSource.query<[{ bytes: string }]>(
    'select pg_database_size(current_database()) as bytes',
  );
  return {
    databaseBytes: Number(database.bytes),
    tableBytes: Object.fromEntries(tables.map(({ name, bytes }) => [name, Number(bytes)])),
  };
}

/** Adds to what was measured before: steps can be run one by one. */
async function keep(customers: number, found: SizeResults): Promise<void> {
  const here = environment();
  const before = await readOwnResults<ScaleResults>('scale', here);
  const known = before?.sizes[customers];
  const size = { ...known, ...found };
  if (found.scoring && known?.scoring) {
    const keyOf = ({ workers, words }: ScoringResult) => 2 * workers + Number(words);
    const again = new Set(found.scoring.map(keyOf));
    const others = known.scoring.filter((result) => !again.has(keyOf(result)));
    Object.assign(size, { scoring: [...others, ...found.scoring].toSorted((x, y) => keyOf(x) - keyOf(y)) });
  }
  await writeResults('scale', { environment: here, sizes: { ...before?.sizes, [customers]: size } });
}
