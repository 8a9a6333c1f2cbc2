import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Config } from '../../config.js';
import { ClvError } from '../../errors.js';
import type { Services } from '../../services/create-services.js';
import { actorOf } from '../authentication.js';
import { RateStore } from './rate-store.js';

const windowMs = 60_000;
/** Limit of callers without a valid API key, who can see only the schema. */
const strangersPerMinute = 300;
const strangers = 'address ';

/** The parts of a request that identify the caller. */
type Caller = Pick<FastifyRequest, 'headers' | 'ip'>;

/** Counts an operation without an HTTP request of its own as a request. @throws ClvError RATE_LIMITED */
export type CountRequest = (caller: Caller) => Promise<void>;

/**
 * Limits the requests per minute of each API key, and of each address without one. They are counted in this process only, on routes that
 * are added after this call.
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
    // The counter also looks for settings of the request's route.
    const counted = await count({ ...caller, routeOptions: {} } as FastifyRequest);
    if (!counted.isAllowed && counted.isExceeded) throw tooManyRequests(counted.max, counted.ttl);
  };
}

/** Identifies a caller for counting. An unknown key counts as none, since otherwise every guess would have a limit of its own. */
export async function callerOf({ headers, ip }: Caller, { apiKeys }: Pick<Services, 'apiKeys'>): Promise<string> {
  const actor = await actorOf(headers, apiKeys);
  return actor ? `key ${actor.id}` : `${strangers}${ip}`;
}

/** Whether a result of `callerOf` is a caller without a valid key. */
const isStranger = (caller: string): boolean => caller.startsWith(strangers);

function tooManyRequests(limit: number, ttlMs: number): ClvError {
  const retryAfterSeconds = Math.ceil(ttlMs / 1_000);
  return new ClvError(
    'RATE_LIMITED',
    `More than ${limit} requests in a minute. Try again in ${retryAfterSeconds} s, or ask for more in one request.`,
    { details: { limit, retryAfterSeconds } },
  );
}
