import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

/** Beside each file of predictions, whoever made them. */
export interface PredictionRecord {
  /** `checksumOf` the rows that the model learnt from. */
  readonly data_sha256: string;
  /** Ours and its variants only. */
  readonly ours?: OursRecord;
  /** Peers only: package to version. */
  readonly versions?: Readonly<Record<string, string>>;
  /** Peers only: what the search chose. */
  readonly configuration?: Readonly<Record<string, unknown>>;
  /** Of each phase. */
  readonly seconds: Readonly<Record<string, number>>;
}

interface OursRecord {
  /** Commit of the sources, with a plus where they differed from it. */
  readonly code: string;
  readonly grade: string;
  readonly epochs: number;
}

export const recordPath = (predictions: string): string => predictions.replace(/csv$/, 'json');

export async function readRecord(predictions: string): Promise<PredictionRecord | null> {
  const path = recordPath(predictions);
  if (!existsSync(path)) return null;
  // Python writes these, which JSON does not know.
  const text = (await readFile(path, 'utf8')).replaceAll(/-?\bInfinity\b|\bNaN\b/g, 'null');
  return JSON.parse(text) as PredictionRecord;
}

/** Whether predictions made of the rows with this checksum are there. */
export async function isPredicted(predictions: string, checksum: string): Promise<boolean> {
  return existsSync(predictions) && (await readRecord(predictions))?.data_sha256 === checksum;
}
