import type { RequestContext } from '../resolvers/context.js';
import type { Services } from '../resolvers/services.js';
import { createLoaders } from '../resolvers/loaders/index.js';
import { historyBudget } from '../services/customers/customer-history.service.js';
import { authenticate } from './authentication.js';
import { asGraphQLError, statusOf } from './errors.js';

/** @throws ClvError UNAUTHENTICATED for a wrong key */
export async function createContext(key: string | undefined, services: Services): Promise<RequestContext> {
  const actor = () => authenticate(key, services.apiKeys);
  const history = historyBudget();
  return {
    actor: await actor(),
    requireValidKey: async () => void (await actor()),
    services,
    history,
    loaders: createLoaders(services, history),
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
