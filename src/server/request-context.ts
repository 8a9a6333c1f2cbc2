import type { RequestContext } from '../resolvers/context.js';
import type { Services } from '../services/create-services.js';
import { createLoaders } from '../resolvers/loaders/index.js';
import { answerBudget } from '../services/largest-answer.js';
import { authenticate } from './authentication.js';
import { asGraphQLError, statusOf } from './errors.js';

/**
 * @param hasLeft whether the client no longer waits for the answer
 * @throws ClvError UNAUTHENTICATED for a wrong key
 */
export async function createContext(
  key: string | undefined,
  services: Services,
  hasLeft?: () => boolean,
): Promise<RequestContext> {
  const actor = () => authenticate(key, services.apiKeys);
  const budget = answerBudget();
  return {
    actor: await actor(),
    requireValidKey: async () => void (await actor()),
    services,
    budget,
    loaders: createLoaders(services, budget, hasLeft),
  };
}

/** `createContext`, whose failures have an HTTP status in the form that Apollo reads. */
export async function createHttpContext(...given: Parameters<typeof createContext>): Promise<RequestContext> {
  try {
    return await createContext(...given);
  } catch (error) {
    throw asGraphQLError(error, { http: { status: statusOf(error) } });
  }
}
