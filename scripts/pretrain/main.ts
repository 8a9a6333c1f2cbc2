import { parseArgs } from 'node:util';
import { createDataSource } from '../../src/database/data-source.js';
import { EmbeddedPostgres } from '../../src/database/embedded-postgres.js';
import { createEngine } from '../../src/ml/engine/create-engine.js';
import type { NarrativeSpan } from '../../src/ml/features/feature-group.js';
import { saveCheckpoint } from '../../src/ml/model/save-checkpoint.js';
import type { ProgressReporter } from '../../src/progress.js';
import { Random } from '../../src/random.js';
import { baseSpec, buildTokenizer } from './base.js';
import { demoNarratives } from './corpus.js';
import { pretrain, type CurvePoint } from './pretrain.js';

const usage = `Makes the built-in base checkpoint: npm run pretrain -- [options]
  --out FOLDER     where to write it (models/base)
  --steps N        training steps (1500)
  --customers N    customers a demo shop, of two shops a catalogue (600)
  --seed N         (1)`;

const trainingLengths = [64, 96, 144];
const longest = 144;

const started = performance.now();
const progress: ProgressReporter = {
  report: (phase, fraction) =>
    console.error(`${((performance.now() - started) / 1000).toFixed(0)} s  ${(100 * fraction).toFixed(0)} %  ${phase}`),
};

async function main(): Promise<void> {
  const text = (value: string): { type: 'string'; default: string } => ({ type: 'string', default: value });
  const { values } = parseArgs({
    options: {
      out: text('models/base'),
      steps: text('1500'),
      customers: text('600'),
      seed: text('1'),
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  const seed = Number(values.seed);
  const narratives = await collectNarratives(Number(values.customers));
  const tokenizer = await buildTokenizer(narratives);
  // Neighbours in the corpus are one shop's customers; the held-out batches must be of every shop.
  const shuffled = new Random(`${seed}/corpus`).shuffle([...narratives]);
  const corpus = shuffled.map((spans) => tokenizer.encodeSpans(spans, longest));
  describe(corpus.map(({ ids }) => ids.length));

  const engine = await createEngine({ engine: 'onnx', device: 'cpu' });
  const { weights, curve } = await pretrain(
    engine,
    baseSpec,
    corpus,
    tokenizer.special,
    { batch: 32, lengths: trainingLengths, steps: Number(values.steps), learningRate: 2e-3, seed },
    progress,
  );
  await engine.dispose();
  await saveCheckpoint(values.out, { spec: baseSpec, weights, tokenizer: tokenizer.files });
  console.log(table(curve));
}

async function collectNarratives(customersPerShop: number): Promise<(readonly NarrativeSpan[])[]> {
  const postgres = await EmbeddedPostgres.start('.clvgraph/pretrain');
  const dataSource = await createDataSource({ url: await postgres.database('pretrain'), poolSize: 2 }).initialize();
  try {
    // Empty again: the database is kept from run to run, and may be of an older version of the tables.
    await dataSource.query('drop schema public cascade');
    await dataSource.query('create schema public');
    await dataSource.runMigrations();
    const narratives: (readonly NarrativeSpan[])[] = [];
    for await (const spans of demoNarratives(dataSource, { customersPerShop, shopsPerCatalogue: 2 }, progress)) {
      narratives.push(spans);
    }
    return narratives;
  } finally {
    await dataSource.destroy();
    await postgres.stop();
  }
}

function describe(lengths: number[]): void {
  const sorted = lengths.sort((a, b) => a - b);
  const quantile = (q: number): number => sorted[Math.floor(q * (sorted.length - 1))] as number;
  console.error(
    `${sorted.length} narratives; tokens: median ${quantile(0.5)}, 90 % ${quantile(0.9)}, 99 % ${quantile(0.99)}`,
  );
}

function table(curve: readonly CurvePoint[]): string {
  const rows = curve.map(
    ({ step, seconds, trainLoss, heldOutLoss }) =>
      `| ${step} | ${seconds.toFixed(0)} | ${trainLoss.toFixed(3)} | ${heldOutLoss.toFixed(3)} |`,
  );
  return ['| step | seconds | training loss | held-out loss |', '|---|---|---|---|', ...rows].join('\n');
}

await main();
