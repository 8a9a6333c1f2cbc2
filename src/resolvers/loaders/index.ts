import type { Services } from '../context.js';
import { createApiKeyByIdLoader } from './api-key-by-id.loader.js';
import { createModelByIdLoader } from './model-by-id.loader.js';
import { createSnapshotByIdLoader } from './snapshot-by-id.loader.js';

/** One set per request, so that nothing is shared between callers and nothing goes stale. */
export function createLoaders(services: Services) {
  return {
    apiKeyById: createApiKeyByIdLoader(services),
    modelById: createModelByIdLoader(services),
    snapshotById: createSnapshotByIdLoader(services),
  };
}

export type Loaders = ReturnType<typeof createLoaders>;
