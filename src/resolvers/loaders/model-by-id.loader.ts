import type { ModelVersion } from '../../entities/index.js';
import type { Services } from '../services.js';
import { loaderById } from './loader-by-id.js';

export const createModelByIdLoader = ({ models }: Services) => loaderById<ModelVersion>((ids) => models.findMany(ids));
