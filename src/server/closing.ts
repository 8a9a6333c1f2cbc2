import type { FastifyInstance } from 'fastify';

/** How long requests may take to end. A stop may take 25 seconds, of which workers get 15. */
const patienceMs = 7_000;
const lookEveryMs = 100;

/**
 * Counts the requests under way, on routes that are added after this call.
 * @returns a function that closes the server once they are answered
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
      // Also connections without a request, or without its whole head, as browsers open them in advance.
      if (underWay === 0 || performance.now() > end) app.server.closeAllConnections();
      // Connections that were busy when closing began would be kept alive for another request.
      else app.server.closeIdleConnections();
    }, lookEveryMs);
    await app.close().finally(() => clearInterval(cut));
  };
}
