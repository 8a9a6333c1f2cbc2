import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { loadConfig, type Config } from '../../../src/config.js';
import { runFineTuning } from '../../../src/services/fine-tuning/fine-tuning.service.js';
import { ModelLoader } from '../../../src/services/models/loaded-model.js';
import { ModelsService } from '../../../src/services/models/models.service.js';
import { runPreprocessing } from '../../../src/services/preprocessing/preprocessing.service.js';
import { readSnapshot } from '../../../src/services/preprocessing/snapshots.service.js';
import { measured, PhaseTimes } from './measuring.js';
import type { FineTuneResult, PreprocessResult } from './scale-results.js';
import { shopEnd } from './shop.js';

export const horizonDays = 365;

export const configFor = (url: string): Config =>
  loadConfig({ DATABASE_URL: url, CLVGRAPH_DEVICE: 'cpu', CLVGRAPH_LOG_LEVEL: 'warn' }).config;

/** Makes the training rows, by default as many as a run does by default. */
export async function measurePreprocess(
  dataSource: DataSource,
  customers: number,
  maxTrainingRows: number,
): Promise<PreprocessResult> {
  const progress = new PhaseTimes('preprocess');
  const { result, ...timed } = await measured(() =>
    runPreprocessing(dataSource, { asOf: shopEnd, horizonDays, options: { maxTrainingRows } }, { progress }),
  );
  progress.end();
  const { rows, windows } = result.report;
  return {
    ...timed,
    microsecondsPerCustomer: (1e6 * timed.seconds) / customers,
    phases: progress.seconds,
    trainingRows: rows.train,
    windows: windows.length,
  };
}

/** Trains one epoch on the newest snapshot, and makes the model the active one. */
export async function measureFineTune(dataSource: DataSource, url: string): Promise<FineTuneResult> {
  const [snapshot] = await dataSource.query<{ id: string }[]>(
    'select id from snapshot where completed_at is not null order by id desc limit 1',
  );
  if (!snapshot) throw new Error('There is no snapshot: run the step "preprocess" first.');
  const config = configFor(url);
  const models = new ModelLoader(dataSource, config);
  const progress = new PhaseTimes('fine-tune');
  try {
    const { result, ...timed } = await measured(() =>
      runFineTuning(
        dataSource,
        models,
        { snapshotId: snapshot.id, epochs: 1 },
        { config, progress, signal: new AbortController().signal, runId: randomUUID() },
      ),
    );
    progress.end();
    // One epoch may not beat the prior; scoring is to ask the model all the same.
    await dataSource.query(`update model_version set serving = serving || '{"priorOnly": null}' where id = $1`, [
      result.modelId,
    ]);
    await new ModelsService(dataSource).promote(result.modelId);
    const { report } = await readSnapshot(dataSource, snapshot.id);
    return {
      ...timed,
      trainingRows: report.rows.train,
      sampledShare: report.rows.sampledShare,
      rowsPerSecond: report.rows.train / timed.seconds,
      phases: progress.seconds,
    };
  } finally {
    await models.close();
  }
}
