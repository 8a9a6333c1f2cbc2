import { once } from 'node:events';
import type { DataSource } from 'typeorm';
import type { Config } from '../config.js';
import { startOfDay } from '../days.js';
import { Run, type RunKind } from '../entities/index.js';
import { ClvError } from '../errors.js';
import { Lease } from '../jobs/lease.js';
import { type JobHooks, partOf } from '../progress.js';
import type { Services } from '../services/create-services.js';
import { promoteAudited } from '../services/models/audited-promotion.js';
import { generateDemoShop } from '../services/demo/demo-shop.service.js';
import { demoSource, holdsDemo } from '../services/demo/demo-source.js';
import { findActiveModel } from '../services/models/find-model.js';

/** Long enough for many customers to have a whole year behind them, by which the model can be judged. */
const demoYears = 4;

/** The demo is to answer soon. Some of its windows' rows, and few passes over them, teach most of what there is to learn. */
const demoPreprocessing = { options: { maxTrainingRows: 4_000 } };
const demoFineTune = { epochs: 2 };

/**
 * Whether `start` should set up the demo shop: in an empty database, or in one in which an earlier start did not finish.
 * A database with anything else in it is the user's, and nothing is loaded into it or trained on it unasked.
 */
export async function wantsDemo(dataSource: DataSource, config: Config): Promise<boolean> {
  if (config.demoCustomers === 0) return false;
  if (await isModelSettled(dataSource)) return false;
  const [found] = await dataSource.query<{ foreign: boolean }[]>(
    `select exists (select from customer where source <> $1) or exists (select from product where source <> $1)
       or exists (select from customer_order where source <> $1) as foreign`,
    [demoSource],
  );
  return !found?.foreign;
}

/** Whether a model is active. One of the demo shop without a scoring does not count, since a start was killed before the scoring. */
async function isModelSettled({ manager }: DataSource): Promise<boolean> {
  const active = await findActiveModel(manager);
  if (!active) return false;
  if (active.scoredAsOf || !(await holdsDemo(manager))) return true;
  // A scoring that failed or was cancelled is not begun again unasked.
  return manager.existsBy(Run, { kind: 'SCORE' });
}

/** The lease of the process that sets up the demo shop. */
export const setUpLease = 'demo set-up';

/**
 * Sets up the demo shop where `wantsDemo` says so. Of two starts at the same time one does it; the other waits, and then finds it there.
 * An abort ends the waiting for the other start or for a run; the next start continues.
 */
export async function setUpDemoOnce(
  dataSource: DataSource,
  config: Config,
  services: Services,
  { progress, signal }: JobHooks,
): Promise<void> {
  const lease = await Lease.open(dataSource);
  const work = async (): Promise<void> => {
    await progress.report('waiting for other starts, if any', 0);
    await lease.acquire(setUpLease, signal);
    if (await wantsDemo(dataSource, config)) await setUpDemo(dataSource, config, services, { progress, signal });
  };
  try {
    // An abort that came before has no event any more.
    if (!signal.aborted) await Promise.race([once(signal, 'abort'), work()]);
  } finally {
    await lease.close();
  }
}

/** Loads the demo shop, then does what an administrator would: preprocess, fine-tune, promote, score. */
async function setUpDemo(
  dataSource: DataSource,
  config: Config,
  services: Services,
  { progress, signal }: JobHooks,
): Promise<void> {
  if (!(await holdsDemo(dataSource))) {
    await generateDemoShop(dataSource, {
      customers: config.demoCustomers,
      seed: 1,
      years: demoYears,
      until: startOfDay(new Date()),
      currency: config.currency,
      progress: partOf(progress, 0, 0.05),
      signal,
    });
  }
  const run = async (kind: RunKind, input: Record<string, unknown>, from: number, to: number): Promise<Run> => {
    // The run of an earlier start, which was stopped, is continued, or is done already.
    const { id } = (await services.runs.findBegun(kind, input)) ?? (await services.runs.start(kind, input));
    for await (const state of services.runs.watch(id)) {
      await partOf(progress, from, to).report(state.phase || state.kind.toLowerCase(), state.progress);
    }
    const settled = await services.runs.get(id);
    if (settled.state === 'COMPLETED') return settled;
    throw new ClvError('MODEL_NOT_READY', `The first ${kind} run is ${settled.state}: ${settled.error?.message ?? ''}`);
  };
  if (!(await services.models.active())) {
    const { snapshotId } = resultOf(await run('PREPROCESS', demoPreprocessing, 0.05, 0.15));
    const { modelId } = resultOf(await run('FINE_TUNE', { ...demoFineTune, snapshotId }, 0.15, 0.9));
    await promoteAudited(dataSource, String(modelId), { details: { demoShop: true } });
  }
  await run('SCORE', {}, 0.9, 1);
}

function resultOf({ result }: Run): Record<string, unknown> {
  return result ?? {};
}
