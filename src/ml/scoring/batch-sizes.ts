/** Programs have static shapes: few sizes serve all. A lone customer need not pay for a full batch, a page of 50 fits one. */
const sizes = [64, 32, 8] as const;
/** What two batches must save over one that is padded, for each costs its start. */
const worthwhile = 1 / 3;

/** Sizes of the batches that so many rows are run in, one after the other; only the last has rows to spare. */
export function batchSizes(rows: number): number[] {
  if (rows <= 0) return [];
  const one = sizes.findLast((size) => size >= rows);
  const part = sizes.find((size) => size < rows);
  if (one === undefined) return [sizes[0], ...batchSizes(rows - sizes[0])];
  if (part === undefined) return [one];
  const split = [part, ...batchSizes(rows - part)];
  return sum(split) <= (1 - worthwhile) * one ? split : [one];
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
