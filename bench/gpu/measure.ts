import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine, HostTensor } from '../../src/ml/engine/engine.js';
import { writeSafetensors } from '../../src/ml/model/safetensors.js';
import { batchTensors, labelTensors } from '../../src/ml/scoring/batches.js';
import { numericFeatures } from '../speed/engine/customers.js';
import type { Peer } from '../speed/engine/peer.js';
import { type Compared, compare, secondsOf } from '../speed/engine/rounds.js';
import { makeSubject, type Size, specOf, type Subject, trainingExamples, workFolder } from '../speed/engine/subject.js';
import { OurSide, type Task } from './our-side.js';

export const peerVariants = ['float32', 'tf32', 'bfloat16', 'compile'] as const;
type PeerVariant = (typeof peerVariants)[number];

export interface Case {
  readonly task: Task;
  readonly size: Size;
  readonly batch: number;
  readonly length: number;
  readonly variant: PeerVariant;
}

/** Samples a second of both sides. */
export interface Measured extends Case, Compared {
  /** Largest relative difference of the first losses or expected values: both sides do compute the same. */
  readonly difference: number;
}

const distinctBatches = 4;
/** The first steps are compared with the other side's. */
const comparedSteps = 3;

/** Both sides in turn on one case, after a warm-up. A round lasts about `seconds` on our side. */
export async function measure(
  engine: Engine,
  peer: Peer,
  one: Case,
  { rounds, seconds }: { rounds: number; seconds: number },
): Promise<Measured> {
  const subject = await makeSubject(one.size);
  const { batches, files } = await batchesOf(subject, one);
  const ours = await OurSide.create(engine, {
    ...one,
    spec: specOf(subject, 'FULL'),
    weights: subject.weights,
    batches,
  });
  await peer.ask({ do: 'load', task: one.task, variant: one.variant, subject: subject.told, batches: files });
  const theirs = (repeats: number) => peer.ask<{ seconds: number; numbers: number[] }>({ do: 'run', repeats });
  try {
    const [own, other] = [await ours.run(comparedSteps), (await theirs(comparedSteps)).numbers];
    const difference = Math.max(...own.map((number, i) => Math.abs(number / other[i]! - 1)));
    const repeats = Math.max(comparedSteps, Math.ceil(seconds / (await secondsOf(() => ours.run(1)))));
    const compared = await compare(
      async () => (repeats * one.batch) / (await secondsOf(() => ours.run(repeats))),
      async () => (repeats * one.batch) / (await theirs(repeats)).seconds,
      { rounds, pids: [peer.pid] },
    );
    return { ...one, ...compared, difference };
  } finally {
    await ours.dispose();
  }
}

/** Full batches of narratives that fill the length, in memory and as files for the other side. */
async function batchesOf(subject: Subject, { task, batch, length }: Case) {
  const examples = trainingExamples(subject, length, distinctBatches * batch);
  const layout = { batch, length, pad: subject.encoder.padTokenId, features: numericFeatures.length };
  const batches: Record<string, HostTensor>[] = [];
  const files: string[] = [];
  for (let i = 0; i < distinctBatches; i++) {
    const rows = examples.slice(i * batch, (i + 1) * batch);
    const tensors = { ...batchTensors(rows, layout), ...(task === 'training' && labelTensors(rows, batch)) };
    const file = join(workFolder, `gpu-${task}-${batch}-${length}-${i}.safetensors`);
    await writeFile(file, writeSafetensors(tensors));
    batches.push(tensors);
    files.push(file);
  }
  return { batches, files };
}
