import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { silentProgress } from '../../src/progress.js';
import { BenchServer, type DatabaseName } from '../bench-server.js';
import { dataFile } from './data-file.js';
import { exportFold } from './export.js';
import { fullDatabase, importDataSet, prepareFold } from './folds.js';
import { type OursTask, runOurs, type Variant } from './ours.js';
import { withProgressLines } from './progress-lines.js';
import { defaultSeeds, type FoldName, foldsOf, type Protocol, seedsOf } from './protocols.js';
import { isPredicted } from './records.js';
import { checksumOf, databaseFolder, filesOf } from './work-folder.js';

/** What is to be done; empty lists of folds and seeds stand for all. */
export interface Selection {
  readonly protocols: readonly Protocol[];
  readonly folds: readonly string[];
  /** Model seeds. */
  readonly seeds: readonly number[];
  /** How many seeds a fold where `seeds` names none. */
  readonly seedCount?: number;
  /** Do again what is there already. */
  readonly fresh: boolean;
  readonly dataFolder: string;
}

interface ChosenFold {
  readonly protocol: Protocol;
  readonly fold: FoldName;
}

function chosenFolds({ protocols, folds }: Selection): ChosenFold[] {
  return protocols
    .flatMap((protocol) => foldsOf(protocol).map((fold) => ({ protocol, fold })))
    .filter(({ fold }) => folds.length === 0 || folds.includes(fold));
}

/** Removes all that was made of the chosen folds, so that a run that is cut short goes on with nothing of older code. */
export async function forget(selection: Selection): Promise<void> {
  await using server = await BenchServer.open(databaseFolder);
  for (const { protocol, fold } of chosenFolds(selection)) {
    await server.drop(fullDatabase(protocol));
    await rm(filesOf(protocol, fold).folder, { recursive: true, force: true });
  }
}

/** The databases of data sets that are still to be made; several protocols share one. */
async function missingImports(server: BenchServer, selection: Selection): Promise<Map<DatabaseName, Protocol>> {
  const imports = new Map(chosenFolds(selection).map(({ protocol }) => [fullDatabase(protocol), protocol]));
  if (!selection.fresh) for (const name of imports.keys()) if (await server.has(name)) imports.delete(name);
  return imports;
}

/** @throws ClvError IMPORT_INVALID that says where to get a data set that is still to be imported, and is not there */
export async function requireData(selection: Selection): Promise<void> {
  await using server = await BenchServer.open(databaseFolder);
  const imports = await missingImports(server, selection);
  for (const { data } of imports.values()) dataFile(selection.dataFolder, data);
}

/** Imports the data sets and makes each fold's database and snapshot. */
export async function prepare(selection: Selection): Promise<void> {
  await using server = await BenchServer.open(databaseFolder);
  const { fresh, dataFolder } = selection;
  const imports = await missingImports(server, selection);
  for (const protocol of imports.values()) {
    await withProgressLines(`import ${protocol.data.title}`, (progress) =>
      importDataSet(server, protocol, dataFolder, progress),
    );
  }
  for (const { protocol, fold } of chosenFolds(selection)) {
    if (!fresh && existsSync(filesOf(protocol, fold).record)) continue;
    await withProgressLines(`prepare ${protocol.id} ${fold}`, (progress) =>
      prepareFold(server, protocol, fold, { fresh, progress }),
    );
  }
}

/** Writes the rows that peers learn from and are tested on. */
export async function exportRows(selection: Selection): Promise<void> {
  await eachFold(selection, async ({ protocol, fold }, databases, record) => {
    if (!selection.fresh && existsSync(filesOf(protocol, fold).zero)) return;
    await withProgressLines(`export ${protocol.id} ${fold}`, (progress) =>
      exportFold(databases, protocol, fold, record, progress),
    );
  });
}

/** Trains variants of our model and predicts with them. */
export async function trainOurs(selection: Selection, variants: readonly Variant[]): Promise<void> {
  const { fresh } = selection;
  await exportRows({ ...selection, fresh: false });
  await eachFold(selection, async ({ protocol, fold }, databases, record) => {
    const files = filesOf(protocol, fold);
    const checksum = await checksumOf(files);
    const count = selection.seedCount ?? defaultSeeds(protocol);
    const seeds = selection.seeds.length > 0 ? selection.seeds : seedsOf(protocol, fold, count);
    for (const variant of variants) {
      for (const seed of seeds) {
        if (!fresh && (await isPredicted(files.prediction(variant.name, seed), checksum))) continue;
        const task: OursTask = { protocol, fold, seed, variant, fresh };
        await withProgressLines(`${variant.name} ${protocol.id} ${fold} seed ${seed}`, (progress) =>
          runOurs(databases, task, record, progress),
        );
      }
    }
  });
}

type Databases = Parameters<typeof runOurs>[0];
type Prepared = Awaited<ReturnType<typeof prepareFold>>;

/** Calls `work` for each chosen fold, prepared now where it was not, with its databases. */
async function eachFold(
  selection: Selection,
  work: (chosen: ChosenFold, databases: Databases, record: Prepared) => Promise<void>,
): Promise<void> {
  await prepare({ ...selection, fresh: false });
  await using server = await BenchServer.open(databaseFolder);
  for (const chosen of chosenFolds(selection)) {
    const { protocol, fold } = chosen;
    const record = await prepareFold(server, protocol, fold, { fresh: false, progress: silentProgress });
    const full = await server.connect(fullDatabase(protocol));
    const training = await server.connect(record.database);
    try {
      await work(chosen, { full, training }, record);
    } finally {
      await full.destroy();
      await training.destroy();
    }
  }
}
