import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { DataSource } from 'typeorm';
import { dayOf } from '../../src/days.js';
import { ClvError } from '../../src/errors.js';
import type { ProgressReporter } from '../../src/progress.js';
import { importFile } from '../../src/services/ingestion/import-file.js';
import { runPreprocessing } from '../../src/services/preprocessing/preprocessing.service.js';
import type { BenchServer, DatabaseName } from '../bench-server.js';
import { codeVersion } from './code-version.js';
import { dataFile } from './data-file.js';
import { type DataSet, foldCount, type FoldName, type Protocol, trainingAsOf } from './protocols.js';
import { filesOf, readJson, writeJson, writeWhole } from './work-folder.js';

/** What a prepared fold is made of; `fold.json`. */
export interface FoldRecord {
  /** Holds only what training may see. */
  readonly database: DatabaseName;
  readonly snapshotId: string;
  /** Commit of the sources that made it. */
  readonly code: string;
  readonly seconds: number;
}

/** Always the same fold for an external id, 1 to `foldCount`. */
export function foldOf(externalId: string): number {
  return (createHash('md5').update(`fold ${externalId}`).digest().readUInt32BE(0) % foldCount) + 1;
}

export const isHeldOut = (fold: FoldName, externalId: string): boolean =>
  fold === 'all' || fold === `fold${foldOf(externalId)}`;

/** Whole, but for names that are to be known at the as-of date. */
export const fullDatabase = ({ data, asOf }: Protocol): DatabaseName =>
  data.days ? `quality_${data.name}_${dayOf(asOf).replaceAll('-', '')}` : `quality_${data.name}`;

/** Imports a data set by the product's own import. */
export async function importInto(
  database: DataSource,
  data: DataSet,
  dataFolder: string,
  progress: ProgressReporter,
): Promise<void> {
  const { name: source, currency, events } = data;
  for (const { file, mapping } of [data, ...(events ? [events] : [])]) {
    const path = dataFile(dataFolder, { ...data, file });
    await importFile(database, { path, mapping, source, currency, progress });
  }
}

/** In place of what its database held. */
export async function importDataSet(
  server: BenchServer,
  protocol: Protocol,
  dataFolder: string,
  progress: ProgressReporter,
): Promise<void> {
  const { data, asOf } = protocol;
  await server.make(fullDatabase(protocol), null, async (database) => {
    await importInto(database, data, dataFolder, progress);
    if (data.days) await importNames(database, data, { dataFolder, asOf, progress });
  });
}

/** Imports what stands before the as-of date once more: of what is there already, that changes the names alone. */
async function importNames(
  database: DataSource,
  data: DataSet,
  { dataFolder, asOf, progress }: { dataFolder: string; asOf: Date; progress: ProgressReporter },
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'clvgraph-quality-'));
  try {
    const path = join(folder, data.file);
    const known = linesBefore(gunzipSync(await readFile(dataFile(dataFolder, data))).toString(), data.days!, asOf);
    await writeWhole(path, gzipSync(known, { level: 1 }));
    await importInto(database, data, folder, progress);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Of a text in the order of time. @throws ClvError IMPORT_INVALID where its days are written otherwise */
function linesBefore(text: string, days: RegExp, asOf: Date): string {
  for (const { 1: day, index } of text.matchAll(days)) {
    if (day! >= dayOf(asOf)) return text.slice(0, text.lastIndexOf('\n', index) + 1);
  }
  throw new ClvError(
    'IMPORT_INVALID',
    `No line is found to be of ${dayOf(asOf)} or later: dates are to be as 2011-06-01 08:26:00.`,
  );
}

/**
 * Makes the database that a fold is trained in, and the snapshot there, unless both are there already. The database
 * ends at the as-of date of training and lacks the customers who are held out, so that no mistake further on can leak
 * what is to be predicted.
 */
export async function prepareFold(
  server: BenchServer,
  protocol: Protocol,
  fold: FoldName,
  { fresh, progress }: { fresh: boolean; progress: ProgressReporter },
): Promise<FoldRecord> {
  const files = filesOf(protocol, fold);
  const database = `quality_${protocol.id}_${fold}`.toLowerCase();
  const known = await readJson<FoldRecord>(files.record);
  const code = await codeVersion();
  if (known && !fresh && (await server.has(database))) {
    if (known.code !== code)
      console.warn(`${files.folder} was prepared by ${known.code}, this is ${code}: see --fresh.`);
    return known;
  }
  // What was exported from the older snapshot goes with it.
  for (const exported of [files.train, files.test, files.zero]) await rm(exported, { force: true });
  const began = performance.now();
  const asOf = trainingAsOf(protocol);
  let snapshotId = '';
  await server.make(database, fullDatabase(protocol), async (training) => {
    await progress.report('removing what training may not see', 0);
    if (protocol.labels === 'customer-split') await removeHeldOut(training, fold);
    await removeFuture(training, asOf);
    const { horizonDays } = protocol;
    ({ snapshotId } = await runPreprocessing(training, { asOf, horizonDays }, { progress }));
  });
  const record = { database, snapshotId, code, seconds: (performance.now() - began) / 1000 };
  await writeJson(files.record, record);
  return record;
}

/** Deletes the fold's customers with all that is theirs. */
async function removeHeldOut(training: DataSource, fold: FoldName): Promise<void> {
  const customers = await training.query<{ id: string; external_id: string }[]>('select id, external_id from customer');
  const heldOut = customers.filter((customer) => isHeldOut(fold, customer.external_id)).map(({ id }) => id);
  // Events have no foreign key; all else goes with its customer.
  await training.query('delete from behavior_event where customer_id = any($1::bigint[])', [heldOut]);
  await training.query('delete from customer where id = any($1::bigint[])', [heldOut]);
}

/** Deletes all that happened at or after the as-of date, and the purchase days made of it. */
async function removeFuture(training: DataSource, asOf: Date): Promise<void> {
  await training.query('delete from customer_order where placed_at >= $1', [asOf]);
  await training.query('delete from behavior_event where occurred_at >= $1', [asOf]);
  await training.query(`delete from purchase_day where day >= ($1::timestamptz at time zone 'UTC')::date`, [asOf]);
  // Whoever is left without orders had none by then.
  await training.query(
    'delete from customer c where not exists (select from customer_order o where o.customer_id = c.id)',
  );
}
