import { Command } from 'commander';
import { closedAfter, type Closer } from '../closers.js';
import { type Config, loadConfig } from '../config.js';
import { openDatabase } from '../database/open-database.js';
import { openQueue } from '../jobs/open-queue.js';
import { superviseWorkers } from '../jobs/supervisor.js';
import { createServices } from '../services/create-services.js';
import { createLogger } from '../server/logger.js';
import { startServer } from '../server/start-server.js';
import { ensureFirstAdminKey } from '../services/api-keys.service.js';
import { InferenceProcess } from '../services/inference/inference-process.js';
import { activeModelWarning } from './active-model-warning.js';
import { onStopSignal } from './stop-signals.js';
import { setUpDemoOnce, wantsDemo } from './first-model.js';
import { greeting } from './greeting.js';
import { withProgressBar } from './progress-bar.js';
import { tellFailure } from './reported.js';

/** Kubernetes kills a process 30 seconds after asking it to stop; workers get 15 of them. */
const stopLimitMs = 25_000;

/** `clvgraph start`: starts database, workers and API, and sets up the demo shop where the database is empty. */
export function startCommand(): Command {
  return new Command('start')
    .description('start the database (unless DATABASE_URL names one), the workers and the API')
    .action(async () => {
      const { config } = loadConfig();
      const told = untilSignalled();
      await closedAfter(async (opened) => {
        try {
          await serve(config, told, opened);
          await told;
          limitClosing();
        } catch (error) {
          limitClosing(() => tellFailure(error));
          throw error;
        }
      });
    });
}

/**
 * Ends the process if closing takes too long, as where the database does not answer: systemd and the like would soon kill it.
 * @param atEnd prints what would be printed once everything is closed
 */
function limitClosing(atEnd: () => void = () => undefined): void {
  setTimeout(() => {
    atEnd();
    process.exit(1);
  }, stopLimitMs).unref();
}

/**
 * Opens all parts, sets up the demo shop where it is wanted, and prints the greeting.
 * @param told resolves when the process is told to stop; the next start then continues the demo's set-up
 * @param opened gets what closes each part as soon as the part is up, since a later one may fail
 */
async function serve(config: Config, told: Promise<void>, opened: Closer[]): Promise<void> {
  let isTold = false;
  void told.then(() => void (isTold = true));
  const logger = createLogger(config);
  const database = await openDatabase(config);
  opened.push(() => database.close());
  const { dataSource } = database;
  const queue = await openQueue(dataSource, { logger });
  opened.push(() => queue.close());
  const environment = { DATABASE_URL: database.url };
  const inference = new InferenceProcess({ environment });
  opened.push(() => inference.close());
  const services = createServices({ config, dataSource, queue, inference });
  const workers = superviseWorkers({ count: config.workers, logger, environment });
  opened.push(() => workers.stop());
  const server = await startServer({ config, dataSource, services, logger });
  opened.push(() => server.close());
  // It is printed at once, since it is never shown again, whatever becomes of the demo's set-up.
  const adminKey = await ensureFirstAdminKey(dataSource);
  if (adminKey) console.log(`Administrator's API key, shown this once: ${adminKey}`);
  // It is loaded before the first request that needs it. If it fails, that request gets the error.
  inference.engine().catch((error: unknown) => {
    // A stop ends the inference process, so that this fails.
    if (!isTold) logger.warn({ err: error }, 'no model can be executed');
  });
  if (await wantsDemo(dataSource, config)) {
    console.log('The database is empty: setting up a synthetic demo shop and its first model.');
    const stop = new AbortController();
    void told.then(() => stop.abort());
    await withProgressBar((progress) => setUpDemoOnce(dataSource, config, services, { progress, signal: stop.signal }));
  }
  if (isTold) {
    console.log('Stopped; the next start goes on.');
    return;
  }
  const model = await services.models.active();
  const warning = model && (await activeModelWarning(dataSource.manager, model));
  if (warning) logger.warn({ model: model.id, reason: warning }, 'the active model cannot do all that it could');
  console.log(greeting({ url: server.url, adminKey, isModelActive: model !== null, warning }));
}

function untilSignalled(): Promise<void> {
  return new Promise((resolve) => {
    // SIGHUP: the terminal was closed, or the machine of an ssh session is gone.
    onStopSignal(() => resolve(), ['SIGINT', 'SIGTERM', 'SIGHUP']);
  });
}
