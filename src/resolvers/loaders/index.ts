import type { Services } from '../context.js';
import { createApiKeyByIdLoader } from './api-key-by-id.loader.js';

/** One set per request, so that nothing is shared between callers and nothing goes stale. */
export function createLoaders(services: Services) {
  return {
    apiKeyById: createApiKeyByIdLoader(services),
  };
}

export type Loaders = ReturnType<typeof createLoaders>;
