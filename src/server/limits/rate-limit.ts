import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Config } from '../../config.js';
import { ClvError } from '../../errors.js';
import type { Services } from '../../resolvers/services.js';
import { actorOf } from '../authentication.js';
import { RateStore } from './rate-store.js';

const windowMs = 60_000;
/** Of callers without a valid API key: they see nothing but the schema. */
const strangersPerMinute = 300;
const strangers = 'address ';

/** What tells who calls. */
type Caller = Pick<FastifyRequest, 'headers' | 'ip'>;

/** Counts what is asked for other than by an HTTP request as one more of them. @throws ClvError RATE_LIMITED */
export type CountRequest = (caller: Caller) => Promise<void>;

/**
 * Limits the requests a minute of each API key, and of each address without one. Counted in this process alone. It
 * applies to routes that are added later.
 */
export async function limitRates(
  app: FastifyInstance,
  config: Pick<Config, 'rateLimit'>,
  services: Services,
): Promise<CountRequest> {
  if (config.rateLimit === 0) return () => Promise.resolve();
  await app.register(rateLimit, {
    store: RateStore,
    timeWindow: windowMs,
    max: (_request, key) => (isStranger(key) ? Math.min(strangersPerMinute, config.rateLimit) : config.rateLimit),
    keyGenerator: (request) => callerOf(request, services),
    errorResponseBuilder: (_request, { max, ttl, statusCode }) =>
      Object.assign(tooManyRequests(max, ttl), { statusCode }),
  });
  const count = app.createRateLimit();
  return async (caller) => {
    // Of a request, the counter looks for a route's own settings besides.
    const counted = await count({ ...caller, routeOptions: {} } as FastifyRequest);
    if (!counted.isAllowed && counted.isExceeded) throw tooManyRequests(counted.max, counted.ttl);
  };
}

/** For counting: an unknown key counts as none, else every guess would have a limit of its own. */
export async function callerOf({ headers, ip }: Caller, { apiKeys }: Pick<Services, 'apiKeys'>): Promise<string> {
  const actor = await actorOf(headers, apiKeys);
  return actor ? `key ${actor.id}` : `${strangers}${ip}`;
}

/** Whether what `callerOf` gave is of somebody without a valid key. */
const isStranger = (caller: string): boolean => caller.startsWith(strangers);

function tooManyRequests(limit: number, ttlMs: number): ClvError {
  const retryAfterSeconds = Math.ceil(ttlMs / 1_000);
  return new ClvError(
    'RATE_LIMITED',
    `More than ${limit} requests in a minute. Try again in ${retryAfterSeconds} s, or ask for more in one request.`,
    { details: { limit, retryAfterSeconds } },
  );
}
