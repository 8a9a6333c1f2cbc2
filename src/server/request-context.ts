import { GraphQLError } from 'graphql';
import { ClvError } from '../errors.js';
import type { RequestContext } from '../resolvers/context.js';
import type { Services } from '../resolvers/services.js';
import { createLoaders } from '../resolvers/loaders/index.js';
import { authenticate } from './authentication.js';

/** @throws ClvError UNAUTHENTICATED for a wrong key */
export async function createContext(key: string | undefined, services: Services): Promise<RequestContext> {
  const actor = () => authenticate(key, services.apiKeys);
  return {
    actor: await actor(),
    requireValidKey: async () => void (await actor()),
    services,
    loaders: createLoaders(services),
  };
}

/** The same with the HTTP status of a failure, in the form that Apollo reads it. */
export async function createHttpContext(key: string | undefined, services: Services): Promise<RequestContext> {
  try {
    return await createContext(key, services);
  } catch (error) {
    const status = error instanceof ClvError && error.code === 'UNAUTHENTICATED' ? 401 : 500;
    const originalError = error instanceof Error ? error : new Error(String(error));
    throw new GraphQLError(originalError.message, { originalError, extensions: { http: { status } } });
  }
}
