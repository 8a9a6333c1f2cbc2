import { type ServingBundle, weightsFormat } from '../../src/services/models/serving-bundle.js';
import { CDNOW_PRIOR } from '../ml/features/prior/shops.js';

/** `ModelVersion.serving` of a model that this version can use, where nothing is predicted with it. */
export const usableServing = {
  format: weightsFormat,
  scaler: { features: [], seasons: false },
  prior: CDNOW_PRIOR,
  scale: { valueScale: 50, residualSigma: 1, largestValue: 1e9 },
  maxTokens: 1,
  level: { calibration: 0, ratio: 1, horizonDays: 365, shortestDays: 365, today: [], outlook: [] },
  typical: { numeric: [], rfm: { frequency: 2, recency: 150, age: 300, monetary: 40, firstValue: 35 } },
  activationRanges: null,
  priorOnly: null,
} satisfies ServingBundle;
