import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from '../../../src/ml/engine/engine.js';
import { writeSafetensors } from '../../../src/ml/model/safetensors.js';
import { observeActivations } from '../../../src/ml/scoring/activation-ranges.js';
import { batchTensors } from '../../../src/ml/scoring/batches.js';
import { toExample } from '../../../src/ml/scoring/example.js';
import { Predictor } from '../../../src/ml/scoring/predictor.js';
import { customers, numericFeatures } from './customers.js';
import type { Peer } from './peer.js';
import { type Clock, type Compared, compare, type Seconds, timed } from './rounds.js';
import { specOf, type Subject, workFolder } from './subject.js';

export const scoringVariants = ['pipeline', 'eager', 'sorted', 'bfloat16', 'compile'] as const;
export type ScoringVariant = (typeof scoringVariants)[number];

/** Ours: 8-bit integers beside what they are measured against. */
export const precisions = ['FLOAT32', 'INT8'] as const;
export type Precision = (typeof precisions)[number];
/** Rows that set the scale of the integers. */
const observedRows = 512;

export interface ScoringResult extends Compared {
  readonly customers: number;
  /** Largest relative difference of the expected values of both sides. */
  readonly valueDifference: number;
}

/** Narratives of 1 to 20 visits, so that some are shorter than the limit; as files for the other side. */
export async function scoringRows(count: number) {
  const rows = customers(count, 2, [1, 20]);
  const layout = { batch: count, length: 1, pad: 0, features: numericFeatures.length };
  const { numeric, prior } = batchTensors(
    rows.map((row) => ({ ...row, tokenIds: Int32Array.of(0), tokenGroups: Uint8Array.of(0) })),
    layout,
  );
  const files = { texts: join(workFolder, `texts-${count}.json`), rows: join(workFolder, `rows-${count}.safetensors`) };
  await writeFile(files.texts, JSON.stringify(rows.map((row) => row.narrative.map(({ text }) => text).join(' '))));
  await writeFile(files.rows, writeSafetensors({ numeric: numeric!, prior: prior! }));
  return { rows, files };
}

/** Customers a second from narrative to expected value, tokenizer included. */
export async function measureScoring(
  engine: Engine,
  peer: Peer,
  subject: Subject,
  { length, variant, precision }: { length: number; variant: ScoringVariant; precision: Precision },
  { rounds, count, clock }: { rounds: number; count: number; clock: Clock },
): Promise<ScoringResult> {
  const { rows, files } = await scoringRows(count);
  const options = { maxTokens: length, valueScale: 1 };
  const model = { spec: specOf(subject, 'FULL'), weights: subject.weights };
  const pad = subject.encoder.padTokenId;
  const predictor = new Predictor(engine, model, pad, precision === 'INT8' ? await observed() : null);
  if (predictor.precision !== precision) throw new Error('This processor has no fast products of 8-bit integers.');
  await peer.ask({ do: 'load', id: 'scoring', task: 'scoring', subject: subject.told, variant });
  const ours = () => predictor.predict(rows.map((row) => toExample(row, subject.tokenizer, options)));
  const theirs = () =>
    peer.ask<{ seconds: Seconds; values: number[] }>({ do: 'score', id: 'scoring', length, ...files });
  function observed() {
    const others = customers(observedRows, 3, [1, 20]);
    return observeActivations(
      engine,
      model,
      others.map((row) => toExample(row, subject.tokenizer, options)),
      pad,
    );
  }
  try {
    const [own, other] = [await ours(), (await theirs()).values];
    const valueDifference = Math.max(...own.map(({ expectedValue }, i) => Math.abs(expectedValue / other[i]! - 1)));
    const compared = await compare(
      async () => count / (await timed(ours)).seconds[clock],
      async () => count / (await theirs()).seconds[clock],
      { rounds, clock, pids: [peer.pid] },
    );
    return { ...compared, customers: count, valueDifference };
  } finally {
    await predictor.dispose();
    await peer.ask({ do: 'unload', id: 'scoring' });
  }
}
