import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Config } from '../config.js';
import { ClvError } from '../errors.js';
import type { Services } from '../resolvers/context.js';
import { apiKeyOf } from './authentication.js';

const windowMs = 60_000;
/** Of callers without a valid API key: they see nothing but the schema. */
const strangersPerMinute = 300;
const strangers = 'address ';

/**
 * Limits the requests a minute of each API key, and of each address without one. Counted in this process alone. It
 * applies to routes that are added later.
 */
export async function limitRates(app: FastifyInstance, config: Pick<Config, 'rateLimit'>, services: Services) {
  if (config.rateLimit === 0) return;
  await app.register(rateLimit, {
    timeWindow: windowMs,
    max: (_request, key) =>
      key.startsWith(strangers) ? Math.min(strangersPerMinute, config.rateLimit) : config.rateLimit,
    keyGenerator: (request) => callerOf(request, services),
    errorResponseBuilder: (_request, { max, ttl, statusCode }) => {
      const retryAfterSeconds = Math.ceil(ttl / 1_000);
      const error = new ClvError(
        'RATE_LIMITED',
        `More than ${max} requests in a minute. Go on in ${retryAfterSeconds} s, or ask for more in one request.`,
        { details: { limit: max, retryAfterSeconds } },
      );
      return Object.assign(error, { statusCode });
    },
  });
}

/** An unknown key counts as none: else every guess would have a limit of its own. */
async function callerOf(request: FastifyRequest, { apiKeys }: Services): Promise<string> {
  const key = apiKeyOf(request.headers);
  const actor = key === undefined ? null : await apiKeys.authenticate(key);
  return actor ? `key ${actor.id}` : `${strangers}${request.ip}`;
}
