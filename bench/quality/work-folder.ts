import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FoldName, Protocol } from './protocols.js';

/** Everything that the steps hand to each other lies here, git-ignored; from the repository's root. */
export const workFolder = join('bench', 'quality', '.work');
/** Of the embedded Postgres. */
export const databaseFolder = join('.clvgraph', 'bench-quality');

interface FoldFiles {
  readonly folder: string;
  /** Which database and snapshot the rows come from. */
  readonly record: string;
  readonly train: string;
  readonly test: string;
  /** Customers without features, whom every model scores at 0. */
  readonly zero: string;
  prediction(model: string, seed: number): string;
}

export function filesOf(protocol: Protocol, fold: FoldName): FoldFiles {
  const folder = join(workFolder, protocol.id, fold);
  return {
    folder,
    record: join(folder, 'fold.json'),
    train: join(folder, 'train.csv'),
    test: join(folder, 'test.csv'),
    zero: join(folder, 'zero.csv'),
    prediction: (model, seed) => join(folder, 'predictions', `${model}__${seed}.csv`),
  };
}

/** Of the exported rows: predictions made of others do not belong to them. */
export async function checksumOf({ train, test }: FoldFiles): Promise<string> {
  const hash = createHash('sha256');
  for (const file of [train, test]) hash.update(await readFile(file));
  return hash.digest('hex');
}

/** Models and seeds that there are predictions of. */
export async function predictionsIn(
  protocol: Protocol,
  fold: FoldName,
): Promise<{ model: string; seed: number; path: string }[]> {
  const folder = join(filesOf(protocol, fold).folder, 'predictions');
  const names = existsSync(folder) ? await readdir(folder) : [];
  return names.toSorted().flatMap((name) => {
    const parts = /^(.+)__(\d+)\.csv$/.exec(name);
    return parts ? [{ model: parts[1]!, seed: Number(parts[2]), path: join(folder, name) }] : [];
  });
}

/** The file is there with all its content, or not at all. */
export async function writeWhole(path: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.part`, content);
  await rename(`${path}.part`, path);
}

export async function readJson<T>(path: string): Promise<T | null> {
  return existsSync(path) ? (JSON.parse(await readFile(path, 'utf8')) as T) : null;
}

export const writeJson = (path: string, value: unknown): Promise<void> =>
  writeWhole(path, `${JSON.stringify(value, null, 2)}\n`);
