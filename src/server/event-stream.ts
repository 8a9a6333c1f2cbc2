import type { FastifyInstance, FastifyReply } from 'fastify';
import { createHandler } from 'graphql-sse/lib/use/fastify';
import { ClvError } from '../errors.js';
import { apiKeyOf } from './authentication.js';
import { maskedExecution, maskError, prepareOperation } from './operations.js';
import { createContext } from './request-context.js';
import type { SubscriptionOptions } from './websocket.js';

/**
 * The graphql-sse protocol, one connection an operation, at `/graphql/stream`.
 * @returns what ends all streams
 */
export function serveEventStreams(app: FastifyInstance, { services, formatError, ...limits }: SubscriptionOptions) {
  const open = new Set<FastifyReply>();
  const handle = createHandler<Record<string, unknown>>({
    ...maskedExecution(formatError),
    // No shared streams by token.
    authenticate: () => null,
    // Done in `onSubscribe`, under our limits.
    validate: () => [],
    onSubscribe: async ({ raw }, params) => {
      try {
        const context = await createContext(apiKeyOf(raw.headers), services);
        const prepared = prepareOperation(limits, params, context);
        if (!('schema' in prepared)) {
          // Without the name `data` it would not be taken for a result.
          return { data: undefined, errors: prepared.map((error) => maskError(formatError, error)) };
        }
        return { ...prepared, contextValue: { ...context } };
      } catch (error) {
        const status = error instanceof ClvError && error.code === 'UNAUTHENTICATED' ? 401 : 500;
        return [
          JSON.stringify({ errors: [formatError(error)] }),
          { status, statusText: 'Refused', headers: { 'content-type': 'application/json; charset=utf-8' } },
        ];
      }
    },
  });
  app.route({
    method: ['GET', 'POST'],
    url: '/graphql/stream',
    handler: async (request, reply) => {
      open.add(reply);
      reply.raw.once('close', () => open.delete(reply));
      await handle(request, reply);
      return reply;
    },
  });
  return () => {
    for (const reply of open) reply.raw.end();
  };
}
