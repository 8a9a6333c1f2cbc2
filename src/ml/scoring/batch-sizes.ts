import { sum } from '../../math.js';
import type { Engine } from '../engine/engine.js';
import type { ModelSpec } from '../model/spec.js';

/** Programs have static shapes: few sizes serve all. A lone customer need not pay for a full batch, a page of 50 fits one. */
const sizes = [64, 32, 16, 8] as const;
type BatchSize = (typeof sizes)[number];
/** Share of rows that splitting a padded batch in two must save, since each batch has a cost of its own. */
const worthwhile = 1 / 3;

/**
 * Largest batch whose widest activation, that of the inner layers, has at most `comfortableBytes`.
 * @param length word pieces a row
 */
export function largestBatch(
  { comfortableBytes }: Pick<Engine, 'comfortableBytes'>,
  spec: ModelSpec,
  length: number,
): BatchSize {
  const bytesOfRow = 4 * (length + spec.numericFeatures.length) * spec.encoder.intermediateSize;
  return sizes.find((size) => size * bytesOfRow <= comfortableBytes) ?? sizes.at(-1)!;
}

/** Sizes of the batches that so many rows are run in, one after the other; only the last has rows to spare. */
export function batchSizes(rows: number, largest: BatchSize = sizes[0]): number[] {
  const full = Math.max(Math.ceil(rows / largest) - 1, 0);
  return [...Array.from({ length: full }, () => largest), ...partsOf(rows - full * largest)];
}

/** @param rows no more than the largest batch */
function partsOf(rows: number): number[] {
  if (rows <= 0) return [];
  const one = sizes.findLast((size) => size >= rows)!;
  const part = sizes.find((size) => size < rows);
  if (part === undefined) return [one];
  const split = [part, ...partsOf(rows - part)];
  return sum(split) <= (1 - worthwhile) * one ? split : [one];
}
