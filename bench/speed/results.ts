import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { readJson, writeJson } from '../quality/work-folder.js';

/** Each is a folder beside this file. */
type PartName = 'engine' | 'serving' | 'scale';

/** Where and when something was measured. */
export interface Environment {
  /** ISO 8601, UTC. */
  readonly date: string;
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
  /** Name to version: Node and whatever else took part. */
  readonly versions: Readonly<Record<string, string>>;
}

/** Several measurements of one thing. */
export interface Spread {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
  readonly runs: number;
}

export function environment(versions: Readonly<Record<string, string>> = {}): Environment {
  return {
    date: new Date().toISOString(),
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    versions: { node: process.versions.node, ...versions },
  };
}

/** @throws RangeError for no measurement at all */
export function spreadOf(measurements: readonly number[]): Spread {
  const sorted = measurements.toSorted((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  if (low === undefined || high === undefined) throw new RangeError('There is no measurement to summarise.');
  return { median: (low + high) / 2, lowest: sorted[0]!, highest: sorted.at(-1)!, runs: sorted.length };
}

const resultsFile = (part: PartName): string => join('docs', 'benchmarks', 'speed', `${part}.json`);

/**
 * The part's raw results so far, or null where there are none of this machine and these versions: the report names one
 * environment for all of a part's figures.
 */
export async function readOwnResults<T extends { environment: Environment }>(
  part: PartName,
  now: Environment,
): Promise<T | null> {
  const before = await readResults<T>(part);
  if (!before || placeOf(before.environment) === placeOf(now)) return before;
  console.warn(`Earlier figures of the part "${part}" go: they are of another machine or of other versions.`);
  return null;
}

const placeOf = ({ processor, cores, versions }: Environment): string => JSON.stringify([processor, cores, versions]);

/** The part's raw results, or null where it was never run. */
export const readResults = <T>(part: PartName): Promise<T | null> => readJson<T>(resultsFile(part));

export const writeResults = (part: PartName, results: unknown): Promise<void> => writeJson(resultsFile(part), results);
