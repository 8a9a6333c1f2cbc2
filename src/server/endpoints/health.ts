import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';

/** Probes wait no longer, and a usable database does not take so long. */
const limitMs = 3_000;

/** `/healthz`: the process lives. `/readyz`: it can answer, since the database does and is migrated. */
export function registerHealth(app: FastifyInstance, dataSource: DataSource, logger: Logger): void {
  let migrated = false;
  const look = async (): Promise<void> => {
    await dataSource.query('select 1');
    // Checked only until they are complete, since migrations are never undone.
    migrated ||= !(await dataSource.showMigrations());
  };
  app.get('/healthz', () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    try {
      await Promise.race([look(), tooLate()]);
    } catch (error) {
      logger.warn({ err: error }, 'not ready');
      return reply.code(503).send({ status: 'unavailable', reason: 'the database does not answer' });
    }
    if (!migrated) return reply.code(503).send({ status: 'unavailable', reason: 'migrations are pending' });
    return { status: 'ok' };
  });
}

async function tooLate(): Promise<never> {
  await sleep(limitMs, undefined, { ref: false });
  throw new Error(`no answer within ${limitMs} ms`);
}
