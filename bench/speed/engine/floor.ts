import * as tf from '@tensorflow/tfjs-core';
import type { Engine } from '../../../src/ml/engine/engine.js';
import type { EncoderSpec } from '../../../src/ml/model/spec.js';
import { fewestRows, tableIsLarge } from '../../../src/ml/training/word-table.js';
import { numericFeatures } from './customers.js';
import type { Peer } from './peer.js';
import { secondsOf } from './rounds.js';
import { batchSize } from './subject.js';

/** What the cores can do at most, as far as either side gets it out of them. */
export interface Floor {
  /** FLOP/s of a product of two 2048 x 2048 matrices in float32. */
  readonly flops: { readonly ours: number; readonly theirs: number };
  /** Bytes read and written a second by a copy of 256 MiB (theirs). */
  readonly bytesPerSecond: number;
}

const size = 2_048;
const repeats = 7;

export async function measureFloor(engine: Engine, peer: Peer): Promise<Floor> {
  const spec = { shape: [size, size], dtype: 'float32' as const };
  const program = await engine.compile(({ a, b }) => ({ c: tf.matMul(a!, b!) }), { a: spec, b: spec });
  const data = Float32Array.from({ length: size * size }, (_, i) => (i % 17) / 17);
  const [a, b] = [engine.upload({ ...spec, data }), engine.upload({ ...spec, data })];
  let best = Infinity;
  for (let i = 0; i < repeats; i++) {
    best = Math.min(best, await secondsOf(async () => (await program.run({ a, b }))['c']!.dispose()));
  }
  await program.dispose();
  const theirs = await peer.ask<{ flops: number; bytesPerSecond: number }>({ do: 'floor' });
  return { flops: { ours: (2 * size ** 3) / best, theirs: theirs.flops }, bytesPerSecond: theirs.bytesPerSecond };
}

/** Floating-point operations of the matrix products of one forward pass over one sample. */
export function forwardOperations(encoder: EncoderSpec, length: number): number {
  const { hiddenSize: h, intermediateSize: i, layers } = encoder;
  const positions = length + numericFeatures.length;
  const products = 2 * positions * (4 * h * h + 2 * h * i);
  const attention = 2 * 2 * positions * positions * h;
  const head = 2 * (h + numericFeatures.length) * h;
  return layers * (products + attention) + head;
}

/**
 * Bytes that AdamW moves at least in one step: weight, gradient and both moments read, three of them written, of the
 * words that the batch has, where only those are changed, and of everything else.
 */
export function optimizerBytes({ vocabSize, hiddenSize }: EncoderSpec, parameters: number): number {
  const untouched = tableIsLarge(vocabSize) ? vocabSize - fewestRows : 0;
  return 4 * 7 * (parameters - untouched * hiddenSize);
}

/** Least seconds of a training step: three times the forward products at the peak, the optimizer at full bandwidth. */
export function stepFloor(encoder: EncoderSpec, length: number, parameters: number, floor: Floor): number {
  const peak = Math.max(floor.flops.ours, floor.flops.theirs);
  const products = (3 * batchSize * forwardOperations(encoder, length)) / peak;
  return products + optimizerBytes(encoder, parameters) / floor.bytesPerSecond;
}
