import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { getOperationAST, OperationTypeNode } from 'graphql';
import type { Response } from 'graphql-sse';
import { createHandler } from 'graphql-sse/lib/use/fastify';
import { isJsonObject } from '../../json-object.js';
import { apiKeyOf } from '../authentication.js';
import { statusOf } from '../errors.js';
import { hasLeft } from './has-left.js';
import { OpenConnections, tooManyConnections } from './open-connections.js';
import { maskedExecution, maskError, prepareOperation } from '../execution/operations.js';
import { callerOf } from '../limits/rate-limit.js';
import { refused } from './request-body.js';
import { createContext } from '../request-context.js';
import { cutOffIfUnread } from './unread-answers.js';
import type { SubscriptionOptions } from './websocket.js';

const notAcceptable = () =>
  refused(406, 'Answers are server-sent events here, which "accept" leaves out. Send "accept: text/event-stream".');

/** Anything else the handler would refuse without an error code, or, given a body of null, keep waiting for. */
function isOperation({ method, body, query }: FastifyRequest): boolean {
  const given = method === 'POST' ? body : query;
  if (!isJsonObject(given) || typeof given['query'] !== 'string') return false;
  if (typeof (given['operationName'] ?? '') !== 'string') return false;
  const valueOf = method === 'POST' ? (value: unknown) => value ?? {} : valueInAddress;
  return ['variables', 'extensions'].every((name) => isJsonObject(valueOf(given[name])));
}

/** Undefined for what is no JSON. */
function valueInAddress(text: unknown): unknown {
  try {
    return JSON.parse(String(text || '{}')) ?? {};
  } catch {
    return undefined;
  }
}

const mutationByGet = () => refused(405, 'A mutation is not taken from the address. Send POST.');

const noOperation = () =>
  refused(
    400,
    '"query" is missing or not a text, "operationName" is not a text, or "variables" or "extensions" is not a JSON object. ' +
      'Send {"query": "...", "variables": {}}.',
  );

/**
 * The graphql-sse protocol, one connection an operation, at `/graphql/stream`.
 * @returns what ends all streams
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
    // No shared streams by token.
    authenticate: () => null,
    // Done in `onSubscribe`, under our limits.
    validate: () => [],
    onSubscribe: async ({ raw, context: { reply } }, params) => {
      try {
        const context = await createContext(apiKeyOf(raw.headers), services, () => hasLeft(reply));
        const prepared = prepareOperation(limits, params, context);
        if (!('schema' in prepared)) {
          // Without the name `data` it would not be taken for a result.
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
    // From now on something is sent every 12 seconds.
    onOperation: (_context, { context: { reply } }) => cutOffIfUnread(reply),
  });
  app.route({
    method: ['GET', 'POST'],
    url: '/graphql/stream',
    handler: async (request, reply) => {
      const caller = await callerOf(request, services);
      if (hasLeft(reply)) return reply;
      if (!/text\/event-stream|text\/\*|\*\/\*/.test(request.headers.accept ?? '*/*')) throw notAcceptable();
      if (!isOperation(request)) throw noOperation();
      // The handler knows this one alone, no lists.
      request.headers.accept = 'text/event-stream';
      const leave = counted.enter(caller);
      if (!leave) throw tooManyConnections();
      // nginx and those who do as it does would else keep events back until there are some kilobytes of them.
      reply.header('x-accel-buffering', 'no');
      open.add(reply);
      reply.raw.once('close', () => {
        leave();
        open.delete(reply);
      });
      await handle(request, reply).catch((error: unknown) => {
        // Whoever left gets nothing more: no failure of ours.
        if (!hasLeft(reply)) throw error;
      });
      return reply;
    },
  });
  return () => {
    for (const reply of open) reply.raw.end();
  };
}
