import type { Engine } from '../engine/engine.js';
import type { ModelSpec } from '../model/spec.js';

/** Programs have static shapes: few sizes serve all. A lone customer need not pay for a full batch, a page of 50 fits one. */
const sizes = [64, 32, 16, 8] as const;
type BatchSize = (typeof sizes)[number];
/** What two batches must save over one that is padded, for each costs its start. */
const worthwhile = 1 / 3;
/** Bytes. Of 8 to 64 rows, those that came next to it were the fastest at each size and length (2 cores, 32 MB of cache). */
const widestActivation = 10e6;

/**
 * Largest batch whose widest activation, that of the inner layers, a processor finds in its cache again. Other devices
 * want all there is.
 * @param length word pieces a row
 */
export function largestBatch({ device }: Pick<Engine, 'device'>, spec: ModelSpec, length: number): BatchSize {
  if (device !== 'cpu') return sizes[0];
  const bytesOfRow = 4 * (length + spec.numericFeatures.length) * spec.encoder.intermediateSize;
  return sizes.find((size) => size * bytesOfRow <= widestActivation) ?? sizes.at(-1)!;
}

/** Sizes of the batches that so many rows are run in, one after the other; only the last has rows to spare. */
export function batchSizes(rows: number, largest: BatchSize = sizes[0]): number[] {
  if (rows <= 0) return [];
  const usable = sizes.filter((size) => size <= largest);
  const one = usable.findLast((size) => size >= rows);
  const part = usable.find((size) => size < rows);
  if (one === undefined) return [largest, ...batchSizes(rows - largest, largest)];
  if (part === undefined) return [one];
  const split = [part, ...batchSizes(rows - part, largest)];
  return sum(split) <= (1 - worthwhile) * one ? split : [one];
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
