import type { Services } from '../services.js';
import type { ApiKey } from '../../entities/index.js';
import { loaderById } from './loader-by-id.js';

export const createApiKeyByIdLoader = ({ apiKeys }: Services) => loaderById<ApiKey>((ids) => apiKeys.findMany(ids));
