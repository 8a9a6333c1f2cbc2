import type { FastifyInstance } from 'fastify';
import type { DataSource } from 'typeorm';
import type { Logger } from './logger.js';

/** `/healthz`: the process lives. `/readyz`: it can answer, since the database does and is migrated. */
export function registerHealth(app: FastifyInstance, dataSource: DataSource, logger: Logger): void {
  let migrated = false;
  app.get('/healthz', () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    try {
      await dataSource.query('select 1');
      // Migrations never become undone, so they are looked at until they are complete.
      migrated ||= !(await dataSource.showMigrations());
    } catch (error) {
      logger.warn({ err: error }, 'not ready');
      return reply.code(503).send({ status: 'unavailable', reason: 'the database does not answer' });
    }
    if (!migrated) return reply.code(503).send({ status: 'unavailable', reason: 'migrations are pending' });
    return { status: 'ok' };
  });
}
