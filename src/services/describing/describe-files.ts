import { basename } from 'node:path';
import type { DataSource } from 'typeorm';
import { ClvError } from '../../errors.js';
import { Lazy } from '../../lazy.js';
import type { Describer } from '../../ml/media/describer.js';
import { UnreadableFile } from '../../ml/media/unreadable-file.js';
import { type ProgressReporter, silentProgress } from '../../progress.js';
import { slicesOf } from '../../slices.js';
import type { HubSettings } from '../hub/hub-request.js';
import { Rejections } from '../ingestion/staging/rejections.js';
import { sourceName } from '../ingestion/source-name.js';
import { type DescribeOptions, type DescribeReport, describingFields } from './describing.types.js';
import { DescribingRun } from './describing-run.js';
import { type DescribingRow, describingRows } from './describing-rows.js';
import { openDescriber } from './media-model.js';
import { readMedium } from './read-medium.js';

/** Rows whose records are looked up at a time. */
const rowsAtOnce = 500;

/**
 * Describes the pictures or recordings that the rows of a file name, and stores the texts as captions of products or texts of events. Rows
 * that cannot be described are listed and left out. Records that have a text are skipped, so that the same file again changes nothing, and
 * an interrupted one is continued. Texts are written every few seconds, in one transaction each time.
 * @throws ClvError IMPORT_INVALID for an unreadable file or a wrong mapping; BAD_USER_INPUT for a wrong source or
 *   language; CHECKPOINT_INVALID, NOT_FOUND, FORBIDDEN, HUB_UNAVAILABLE for the model; RUN_CANCELLED after an abort, with
 *   what was described until then kept; DATABASE_UNAVAILABLE
 */
export async function describeFiles(
  dataSource: DataSource,
  hub: HubSettings,
  given: DescribeOptions,
): Promise<DescribeReport> {
  const options = { ...given, source: sourceName(given.source) };
  if (options.language !== undefined && describingFields[options.kind].medium !== 'recording') {
    throw new ClvError('BAD_USER_INPUT', 'Only recordings have a language: leave it out for pictures.');
  }
  const started = performance.now();
  const progress = options.progress ?? silentProgress;
  const total = await countRows(options);
  const rejections = await Rejections.at(options.rejectionsPath, basename(options.path), keptUntilThere);
  // No model is downloaded or loaded if everything is described already.
  const describer = new Lazy(() => openFor(options, hub, progress));
  const run = new DescribingRun(dataSource, options);
  try {
    // Whatever ends it early, such as a list that cannot be written, what was described is kept.
    await describeRows(options, { run, rejections, describer, progress, total }).finally(() => run.flush());
    await rejections.finish();
    if (options.signal?.aborted) throw stopped();
    await rejections.removeOld();
  } finally {
    rejections.close();
    await (await describer.take())?.close();
  }
  const { described, leftAsTheyAre, customersConcerned } = run;
  return {
    file: options.path,
    kind: options.kind,
    rowsRead: total,
    described,
    leftAsTheyAre,
    rowsRejected: rejections.count,
    rejections: rejections.byReason,
    customersConcerned,
    seconds: (performance.now() - started) / 1000,
  };
}

interface Work {
  readonly run: DescribingRun;
  readonly rejections: Rejections;
  readonly describer: Lazy<Describer>;
  readonly progress: ProgressReporter;
  readonly total: number;
}

async function describeRows(options: DescribeOptions, { run, rejections, describer, progress, total }: Work) {
  const { medium, id, file } = describingFields[options.kind];
  const reject = ({ line }: DescribingRow, field: string, value: string, reason: string) =>
    rejections.add([{ line, column: options.columns[field] ?? field, value, reason }]);
  let done = 0;
  for await (const rows of inSlices(describingRows(options), rowsAtOnce)) {
    const good = rows.filter((row) => 'file' in row);
    await rejections.add(rows.filter((row) => 'reason' in row));
    done += rows.length - good.length;
    const found = await run.find(good);
    for (const [i, row] of good.entries()) {
      if (options.signal?.aborted) return;
      await progress.report(`describing ${medium}s`, done++ / total);
      const record = found[i]!;
      if (typeof record === 'string') await reject(row, id, row.externalId, record);
      else if (run.isDone(record)) run.leave();
      else {
        const { describe } = await describer.get();
        const text = await described(() => readMedium(row.absoluteFile).then(describe));
        if (text instanceof UnreadableFile) await reject(row, file, row.file, text.message);
        else await run.add({ record, text });
      }
    }
  }
}

async function described(describe: () => Promise<string>): Promise<string | UnreadableFile> {
  try {
    const text = (await describe()).replaceAll(/[\0\s]+/g, ' ').trim();
    return text === '' ? new UnreadableFile('holds nothing that could be put into words') : text;
  } catch (error) {
    if (error instanceof UnreadableFile) return error;
    throw error;
  }
}

function openFor(options: DescribeOptions, hub: HubSettings, progress: ProgressReporter): Promise<Describer> {
  const { medium } = describingFields[options.kind];
  return openDescriber(medium, options, hub, { progress, signal: options.signal });
}

async function countRows(options: DescribeOptions): Promise<number> {
  let count = 0;
  for await (const rows of describingRows(options)) count += rows.length;
  return count;
}

async function* inSlices<T>(blocks: AsyncIterable<readonly T[]>, size: number): AsyncGenerator<readonly T[]> {
  for await (const block of blocks) yield* slicesOf(block, size);
}

const keptUntilThere = 'What was described is kept: the same command goes on from there.';

const stopped = (): ClvError => new ClvError('RUN_CANCELLED', `It was stopped. ${keptUntilThere}`);
