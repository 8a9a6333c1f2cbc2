import pino from 'pino';
import { closedOnFailure } from '../closers.js';
import type { Config } from '../config.js';
import { openDatabase } from '../database/open-database.js';
import { errorForLog } from '../error-for-log.js';
import { logDestination } from '../outputs.js';
import { giveSignsOfLife } from '../signs-of-life.js';
import type { HandlerFactory } from './job.js';
import { startWorker } from './worker.js';

const stopLimitMs = 15_000;

/**
 * Runs a worker until SIGTERM, SIGINT or SIGHUP, the end of the process that launched it, or the loss of its session in Postgres, after
 * which its jobs belong to others. Then ends the process.
 */
export async function runWorkerProcess(config: Config, createHandlers: HandlerFactory): Promise<never> {
  // Standard output belongs to the command that launched the worker.
  const logger = pino({ name: 'worker', level: config.logLevel, serializers: { err: errorForLog } }, logDestination(2));
  const told = new Promise<string>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => resolve(signal));
    // Only if the process was forked.
    process.on('disconnect', () => resolve('the parent process has ended'));
  });
  giveSignsOfLife();
  const { database, worker } = await closedOnFailure(async (opened) => {
    const database = await openDatabase(config);
    opened.push(() => database.close());
    const { dataSource } = database;
    const worker = await startWorker({ config, dataSource, logger, ...createHandlers(dataSource, config) });
    return { database, worker };
  });
  logger.info('worker ready');
  // The launcher may have ended by now, which `disconnect` says.
  process.send?.('ready', () => undefined);

  const lost = worker.lost.then(() => undefined);
  const reason = await Promise.race([told, lost]);
  if (reason === undefined) {
    logger.error('the session in Postgres was lost');
    process.exit(1);
  }
  logger.info({ reason }, 'worker stops');
  // So that the process does not wait for a Postgres that is gone.
  setTimeout(() => process.exit(1), stopLimitMs).unref();
  await worker.stop();
  await database.close();
  process.exit(0);
}
