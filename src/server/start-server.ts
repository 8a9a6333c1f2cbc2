import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import type { DataSource } from 'typeorm';
import type { Config } from '../config.js';
import { ClvError, reasonOf } from '../errors.js';
import type { Services } from '../services/create-services.js';
import { createApollo } from './apollo.js';
import { apiKeyOf } from './authentication.js';
import { buildSchema } from './build-schema.js';
import { closesInOrder } from './closing.js';
import { createErrorFormatter, type FormatError, statusOf } from './errors.js';
import { serveEventStreams } from './transports/event-stream.js';
import { sendGraphiql, wantsGraphiql } from './endpoints/graphiql.js';
import { hasLeft } from './transports/has-left.js';
import { registerHealth } from './endpoints/health.js';
import { logRequests, requestLogger } from './logger.js';
import { countErrors, registerMetrics } from './endpoints/metrics.js';
import { limitRates } from './limits/rate-limit.js';
import { asksByHash, requireOperation } from './transports/operation-in-request.js';
import { readRequestBodies, refusals, refused } from './transports/request-body.js';
import { createHttpContext } from './request-context.js';
import { documentProblem } from './limits/request-size.js';
import { cutOffUnread } from './transports/unread-answers.js';
import { refuseUnreadable } from './transports/unreadable-requests.js';
import { onlyForWebSockets, serveWebSockets } from './transports/websocket.js';

/** Most bytes of a request: live integrations send batches of orders, which may be larger than Fastify's default of 1 MiB. */
const bodyLimit = 16 * 1024 * 1024;
/** Policy of answers, which are data: a browser that shows one as a page must not run anything in it. GraphiQL has its own policy. */
const policyOfData = "default-src 'none'; frame-ancestors 'none'";
/** How long browsers may cache a preflight: the most that Chromium allows. The default is five seconds. */
const preflightSeconds = 7_200;
/** Milliseconds to receive a request, against callers who send it byte by byte. */
const requestTimeout = 60_000;

interface ServerOptions {
  readonly config: Config;
  readonly dataSource: DataSource;
  readonly services: Services;
  readonly logger: Logger;
}

interface RunningServer {
  /** Address of the API, e.g. `http://127.0.0.1:4000/graphql`. */
  readonly url: string;
  /** Takes no new requests, ends subscriptions, lets running requests finish. Leaves database and services open. */
  close(): Promise<void>;
}

/**
 * Serves the GraphQL API, GraphiQL, subscriptions, health and metrics over HTTP.
 * @throws ClvError CONFIG_INVALID where the address cannot be listened on
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { config, dataSource, services } = options;
  const logger = requestLogger(options.logger);
  const metrics = new Registry();
  const formatError = countErrors(createErrorFormatter(logger), metrics);
  const schema = await buildSchema();
  const { maxQueryCost } = config;
  const apollo = createApollo({ schema, formatError, logger, maxQueryCost });
  await apollo.start();

  const app = await createApp(config, logger, formatError);
  const closeApp = closesInOrder(app);
  registerHealth(app, dataSource, logger);
  readRequestBodies(app, services);
  const countRequest = await limitRates(app, config, services);
  registerMetrics(app, metrics, services);
  const answer = fastifyApolloHandler(apollo, {
    context: (request, reply) => createHttpContext(apiKeyOf(request.headers), services, () => hasLeft(reply)),
  });
  app.route<{ Body: { query?: unknown } | null; Querystring: { query?: unknown } }>({
    method: ['GET', 'POST'],
    url: '/graphql',
    preHandler: async (request, reply) => {
      if (wantsGraphiql(request)) return;
      const { body, query, headers } = request;
      if (takesEventsOnly(headers.accept)) throw eventsElsewhere();
      if (!asksByHash(request)) requireOperation(request);
      const problem = documentProblem(body?.query) ?? documentProblem(query.query);
      if (problem) await reply.code(400).send({ errors: [formatError(problem)] });
    },
    handler: (request, reply) =>
      wantsGraphiql(request) ? sendGraphiql(request, reply) : answer.call(app, request, reply),
  });
  const subscriptions = { schema, services, formatError, maxQueryCost };
  const endStreams = serveEventStreams(app, subscriptions);
  const endSockets = serveWebSockets(app.server, { ...subscriptions, countRequest, logger });

  const address = await listen(app, config);
  const shutDown = async () => {
    endStreams();
    await endSockets();
    await closeApp();
    await apollo.stop();
  };
  let closing: Promise<void> | undefined;
  return { url: `${address}/graphql`, close: () => (closing ??= shutDown()) };
}

/** What all addresses have in common: the form of failures, headers of answers, and CORS. */
async function createApp(config: Config, logger: Logger, formatError: FormatError): Promise<FastifyInstance> {
  const logController = new LogController({ disableRequestLogging: true });
  const loggerInstance: FastifyBaseLogger = logger;
  const answerFailure = (error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void => {
    const status = error.statusCode ?? statusOf(error);
    const told = refusals[error.code] ?? error.message;
    const shown = status < 500 && !(error instanceof ClvError) ? new ClvError('BAD_USER_INPUT', told) : error;
    void reply.code(status).send({ errors: [formatError(shown)] });
  };
  const app = fastify({
    loggerInstance,
    logController,
    bodyLimit,
    requestTimeout,
    frameworkErrors: answerFailure,
    clientErrorHandler: refuseUnreadable(formatError, config.corsOrigins),
    http: onlyForWebSockets,
  });
  logRequests(app);
  app.setErrorHandler(answerFailure);
  app.setNotFoundHandler(({ method, url }, reply) => {
    if (/^\/graphql(\/stream)?(\?|$)/.test(url)) {
      void reply.header('allow', 'GET, POST');
      throw refused(405, `${method} is not answered here. Send GET or POST.`);
    }
    const notFound = new ClvError('NOT_FOUND', 'There is nothing at this address. The API is at /graphql.');
    return reply.code(404).send({ errors: [formatError(notFound)] });
  });
  // Only the proxy that ends TLS knows whether the host and its subdomains require it, so that header is left to the proxy.
  await app.register(helmet, { contentSecurityPolicy: false, strictTransportSecurity: false });
  app.addHook('onRequest', (_request, reply, done) => {
    reply.header('content-security-policy', policyOfData);
    // Answers are for one key only, and soon out of date.
    reply.header('cache-control', 'private, no-store');
    done();
  });
  cutOffUnread(app);
  await app.register(cors, { origin: [...config.corsOrigins], methods: ['GET', 'POST'], maxAge: preflightSeconds });
  return app;
}

/** Whether a request wants events only: urql asks so for subscriptions at the address of its queries. */
const takesEventsOnly = (accept = ''): boolean => accept.includes('text/event-stream') && !/json|\/\*/.test(accept);

const eventsElsewhere = () => refused(406, 'Answers are JSON here. Server-sent events come from /graphql/stream.');

async function listen(app: FastifyInstance, { host, port }: Config): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (cause) {
    await app.close();
    const reason = reasonOf(cause);
    throw new ClvError(
      'CONFIG_INVALID',
      `The server cannot listen on ${host}:${port} (${reason}). Choose another address with HOST or PORT.`,
      { cause },
    );
  }
}
