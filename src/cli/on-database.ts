import type { DataSource } from 'typeorm';
import { type Config, loadConfig } from '../config.js';
import { openDatabase } from '../database/open-database.js';
import { watchServer, type WatchTimes } from '../database/server-watch.js';
import { cancelled, type JobHooks } from '../progress.js';
import { onStopSignal } from './stop-signals.js';
import { withProgressBar } from './progress-bar.js';

/**
 * Runs a job on the database that the settings name, with a progress bar. Ctrl+C and SIGTERM abort its signal. If Postgres vanishes
 * silently, the job fails within a minute.
 */
export async function onDatabase<T>(
  job: (dataSource: DataSource, config: Config, hooks: JobHooks) => Promise<T>,
  watchTimes?: WatchTimes,
): Promise<T> {
  const { config } = loadConfig();
  const abort = new AbortController();
  // Signals are listened for before the database is opened. The embedded Postgres would outlive a process that a signal ends meanwhile.
  using _ = onStopSignal(() => abort.abort(cancelled()));
  const database = await openDatabase(config);
  try {
    abort.signal.throwIfAborted();
    await using _ = await watchServer(database.dataSource, watchTimes);
    return await withProgressBar((progress) => job(database.dataSource, config, { progress, signal: abort.signal }));
  } finally {
    await database.close();
  }
}
