import type { FastifyInstance, FastifyReply } from 'fastify';
import { getOperationAST, OperationTypeNode } from 'graphql';
import type { Response } from 'graphql-sse';
import { createHandler } from 'graphql-sse/lib/use/fastify';
import { apiKeyOf } from '../authentication.js';
import { statusOf } from '../errors.js';
import { hasLeft } from './has-left.js';
import { OpenConnections, tooManyConnections } from './open-connections.js';
import { maskedExecution, maskError, prepareOperation } from '../execution/operations.js';
import { callerOf } from '../limits/rate-limit.js';
import { requireOperation } from './operation-in-request.js';
import { refused } from './request-body.js';
import { createContext } from '../request-context.js';
import { cutOffIfUnread } from './unread-answers.js';
import type { SubscriptionOptions } from './websocket.js';

const notAcceptable = () =>
  refused(406, 'Answers are server-sent events here, which "accept" leaves out. Send "accept: text/event-stream".');

const mutationByGet = () => refused(405, 'A mutation is not taken from the address. Send POST.');

/**
 * Serves the graphql-sse protocol, with one connection for each operation, at `/graphql/stream`.
 * @returns a function that ends all streams
 */
export function serveEventStreams(app: FastifyInstance, { services, formatError, ...limits }: SubscriptionOptions) {
  const open = new Set<FastifyReply>();
  const counted = new OpenConnections();
  const refusal = (status: number, error: unknown, headers: Record<string, string> = {}): Response => [
    JSON.stringify({ errors: [formatError(error)] }),
    { status, statusText: 'Refused', headers: { ...headers, 'content-type': 'application/json; charset=utf-8' } },
  ];
  const handle = createHandler<Record<string, unknown>>({
    ...maskedExecution(formatError),
    // Without a token, streams are not shared.
    authenticate: () => null,
    // `onSubscribe` validates, under our limits.
    validate: () => [],
    onSubscribe: async ({ raw, context: { reply } }, params) => {
      try {
        const context = await createContext(apiKeyOf(raw.headers), services, () => hasLeft(reply));
        const prepared = prepareOperation(limits, params, context);
        if (!('schema' in prepared)) {
          // Without the key `data` it would not count as a result.
          return { data: undefined, errors: prepared.map((error) => maskError(formatError, error)) };
        }
        const operation = getOperationAST(prepared.document, prepared.operationName);
        if (raw.method === 'GET' && operation?.operation === OperationTypeNode.MUTATION) {
          return refusal(405, mutationByGet(), { allow: 'POST' });
        }
        return { ...prepared, contextValue: { ...context } };
      } catch (error) {
        return refusal(statusOf(error), error);
      }
    },
    // Not earlier, since a client that waits reads nothing; from now on something is sent every 12 seconds.
    onOperation: (_context, { context: { reply } }) => cutOffIfUnread(reply),
  });
  app.route({
    method: ['GET', 'POST'],
    url: '/graphql/stream',
    handler: async (request, reply) => {
      const caller = await callerOf(request, services);
      if (hasLeft(reply)) return reply;
      if (!/text\/event-stream|text\/\*|\*\/\*/.test(request.headers.accept ?? '*/*')) throw notAcceptable();
      requireOperation(request);
      // The handler accepts only this value, no lists.
      request.headers.accept = 'text/event-stream';
      const leave = counted.enter(caller);
      if (!leave) throw tooManyConnections();
      // nginx and similar proxies would otherwise buffer events until there are some kilobytes of them.
      reply.header('x-accel-buffering', 'no');
      open.add(reply);
      reply.raw.once('close', () => {
        leave();
        open.delete(reply);
      });
      await handle(request, reply).catch((error: unknown) => {
        // A client who has left is no failure of ours.
        if (!hasLeft(reply)) throw error;
      });
      return reply;
    },
  });
  return () => {
    for (const reply of open) reply.raw.end();
  };
}
