import type { HostTensor, TensorData } from '../engine/engine.js';
import { zeros } from '../model/adamw.js';
import { wordTable } from '../model/encoder.js';
import type { ModelSpec } from '../model/spec.js';
import type { HostWeights } from '../model/weights.js';

/** Programs have static shapes: few sizes serve all batches. */
export const fewestRows = 512;
/** The table must be this many times as long, since taking rows out and putting them back costs time, too. */
const worthwhile = 8;

/** Whether a training step is given only the rows of its batch's words. */
export const tableIsLarge = (vocabSize: number): boolean => vocabSize > worthwhile * fewestRows;

interface BatchWords {
  /** W: number of rows, padding included. */
  readonly count: number;
  /** `tokenIds` [B, L] as row numbers below W; the rows [W, H] of the table and of its moments, under their names. */
  readonly tensors: Record<string, HostTensor>;
  /** Token ids of these rows; fewer than W, where the last rows are padding. */
  readonly ids: readonly number[];
}

/**
 * A large word table and its moments, in Node's memory. A training step is given the rows of its batch's words, and changes no others.
 * These have no gradient, but AdamW would still change them by its moments and the weight decay. That is left out, as in the "lazy" or
 * "sparse" Adam of other frameworks: most of a step's memory traffic would be for words that the batch does not have.
 */
export class WordTable {
  /** @param all the table with its moments, by name; not copies */
  private constructor(readonly all: HostWeights) {}

  /**
   * @param weights with the table; moments that are missing start at 0
   * @returns undefined where a step is to be given all rows: the vocabulary is small, or the table is not trained
   */
  static of(spec: ModelSpec, weights: HostWeights): WordTable | undefined {
    if (spec.strategy !== 'FULL' || !tableIsLarge(spec.encoder.vocabSize)) return undefined;
    const { shape } = weights[wordTable]!;
    const tables = namesOfTables.map((name) => {
      const tensor = weights[name];
      return [name, tensor ? { ...tensor, data: tensor.data.slice() } : zeros(shape)] as const;
    });
    return new WordTable(Object.fromEntries(tables));
  }

  /** The table alone, by name; not a copy. */
  get weights(): HostWeights {
    return { [wordTable]: this.all[wordTable]! };
  }

  /** @param tokenIds int32 [B, L] */
  rowsOf(tokenIds: HostTensor): BatchWords {
    const places = new Map<number, number>();
    const local = Int32Array.from(tokenIds.data, (id) => {
      const place = places.get(id) ?? places.size;
      places.set(id, place);
      return place;
    });
    let count = fewestRows;
    while (count < places.size) count *= 2;
    const ids = [...places.keys()];
    const rows = Object.entries(this.all).map(([name, table]) => [name, rowsOf(table, ids, count)] as const);
    return { count, ids, tensors: { ...Object.fromEntries(rows), tokenIds: { ...tokenIds, data: local } } };
  }

  /** @param rows [W, H] of the tables under their names, as a step gives them back */
  put(ids: readonly number[], rows: Readonly<Record<string, TensorData>>): void {
    for (const [name, changed] of Object.entries(rows)) {
      const { data, shape } = this.all[name]!;
      const width = shape[1]!;
      for (const [place, id] of ids.entries()) {
        data.set(changed.subarray(place * width, (place + 1) * width), id * width);
      }
    }
  }
}

const namesOfTables = [wordTable, `adam.m.${wordTable}`, `adam.v.${wordTable}`];

function rowsOf({ data, shape }: HostTensor, ids: readonly number[], count: number): HostTensor {
  const width = shape[1]!;
  const rows = new Float32Array(count * width);
  for (const [place, id] of ids.entries()) rows.set(data.subarray(id * width, (id + 1) * width), place * width);
  return { shape: [count, width], dtype: 'float32', data: rows };
}
