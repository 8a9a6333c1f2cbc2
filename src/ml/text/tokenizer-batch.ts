import type { HostTensor } from '../engine/engine.js';

/** The text part of a batch: `tokenIds` int32 [B, L] and `tokenMask` float32 [B, L] (1 = token, 0 = padding). */
interface TokenBatch {
  readonly tokenIds: HostTensor;
  readonly tokenMask: HostTensor;
}

/**
 * Lays token ids out in a rectangle, padded at the end.
 * @param rows token ids of each row; fewer than `batch` leave rows of padding that attend to their first position
 * @param length columns; every row must fit
 */
export function padTokens(
  rows: readonly Int32Array[],
  { batch, length, pad }: { batch: number; length: number; pad: number },
): TokenBatch {
  const ids = new Int32Array(batch * length).fill(pad);
  const mask = new Float32Array(batch * length);
  for (let b = 0; b < batch; b++) {
    const row = rows[b] ?? Int32Array.of(pad);
    if (row.length > length) throw new RangeError(`A text of ${row.length} tokens does not fit into ${length}.`);
    ids.set(row, b * length);
    mask.fill(1, b * length, b * length + row.length);
  }
  const shape = [batch, length];
  return { tokenIds: { shape, dtype: 'int32', data: ids }, tokenMask: { shape, dtype: 'float32', data: mask } };
}
