import type { FastifyInstance } from 'fastify';

/** Requests that have begun are given so long. Of the 25 seconds that a stop may take, workers are given 15. */
const patienceMs = 7_000;
const lookEveryMs = 100;

/**
 * Counts the requests that are under way, of routes that are added later.
 * @returns what closes the server once they are answered
 */
export function closesInOrder(app: FastifyInstance): () => Promise<void> {
  let underWay = 0;
  app.addHook('onRequest', (_request, reply, done) => {
    underWay++;
    reply.raw.once('close', () => underWay--);
    done();
  });
  return async () => {
    const end = performance.now() + patienceMs;
    const cut = setInterval(() => {
      // Also what has sent no request, or not the whole head of one, as browsers do that connect beforehand.
      if (underWay === 0 || performance.now() > end) app.server.closeAllConnections();
      // A connection that was busy when closing began would be kept alive for another request.
      else app.server.closeIdleConnections();
    }, lookEveryMs);
    await app.close().finally(() => clearInterval(cut));
  };
}
