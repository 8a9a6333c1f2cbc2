import { type DestinationStream, pino, type Logger } from 'pino';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config.js';
import { errorForLog } from '../error-for-log.js';
import { logDestination } from '../outputs.js';

/** JSON lines, on standard output unless told otherwise. */
export function createLogger(
  { logLevel }: Pick<Config, 'logLevel'>,
  destination: DestinationStream = logDestination(1),
): Logger {
  return pino({ level: logLevel, serializers: { err: errorForLog } }, destination);
}

/** A child logger without personal data: it logs no address, unknown path, headers, query string or body of a request. */
export function requestLogger(logger: Logger): Logger {
  return logger.child({}, { serializers: { req: requestForLog, res: replyForLog, err: errorForLog } });
}

const probes = new Set<string | undefined>(['/healthz', '/readyz', '/metrics']);

/** Logs one line for each answered request; those of probes at level debug, since there are so many. */
export function logRequests(app: FastifyInstance): void {
  app.addHook('onResponse', (request, reply, done) => {
    const level = probes.has(request.routeOptions.url) ? 'debug' : 'info';
    request.log[level]({ req: request, res: reply, ms: Math.round(reply.elapsedTime) }, 'request');
    done();
  });
}

/** Without the path where nothing is, which may hold anything, such as an e-mail address. */
function requestForLog({ method, routeOptions: { url = '(unknown)' } }: FastifyRequest): object {
  return { method, path: url };
}

function replyForLog({ statusCode }: FastifyReply): object {
  return { statusCode };
}
