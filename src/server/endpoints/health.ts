import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';

/** Probes wait no longer, and a usable database does not take so long. */
const limitMs = 3_000;

/** `/healthz`: the process lives. `/readyz`: it can answer, since the database does, which was migrated before the server listened. */
export function registerHealth(app: FastifyInstance, dataSource: DataSource, logger: Logger): void {
  app.get('/healthz', () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    try {
      await Promise.race([dataSource.query('select 1'), tooLate()]);
    } catch (error) {
      logger.warn({ err: error }, 'not ready');
      return reply.code(503).send({ status: 'unavailable', reason: 'the database does not answer' });
    }
    return { status: 'ok' };
  });
}

async function tooLate(): Promise<never> {
  await sleep(limitMs, undefined, { ref: false });
  throw new Error(`no answer within ${limitMs} ms`);
}
