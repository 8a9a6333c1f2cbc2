import type { RequestContext } from '../resolvers/context.js';
import type { Services } from '../resolvers/services.js';
import { createLoaders } from '../resolvers/loaders/index.js';
import { mostLines } from '../services/customers/customer-history.service.js';
import { authenticate } from './authentication.js';
import { asGraphQLError, statusOf } from './errors.js';

/** @throws ClvError UNAUTHENTICATED for a wrong key */
export async function createContext(key: string | undefined, services: Services): Promise<RequestContext> {
  const actor = () => authenticate(key, services.apiKeys);
  const lines = { left: mostLines };
  return {
    actor: await actor(),
    requireValidKey: async () => void (await actor()),
    services,
    lines,
    loaders: createLoaders(services, lines),
  };
}

/** The same with the HTTP status of a failure, in the form that Apollo reads it. */
export async function createHttpContext(key: string | undefined, services: Services): Promise<RequestContext> {
  try {
    return await createContext(key, services);
  } catch (error) {
    throw asGraphQLError(error, { http: { status: statusOf(error) } });
  }
}
