import DataLoader from 'dataloader';
import type { ModelVersion } from '../../entities/index.js';
import type { Advice } from '../../ml/training/advice.js';
import type { Services } from '../services.js';

export const createAdviceByModelLoader = ({ models }: Services) =>
  new DataLoader<ModelVersion, Advice[], string>((asked) => models.advice(asked), { cacheKeyFn: ({ id }) => id });
