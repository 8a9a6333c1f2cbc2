import type { EncoderSpec, ModelSpec } from '../../src/ml/model/spec.js';

/** A BERT that runs in no time. */
export const smallEncoder: EncoderSpec = {
  modelType: 'bert',
  vocabSize: 60,
  hiddenSize: 16,
  layers: 2,
  heads: 2,
  intermediateSize: 32,
  maxPositions: 64,
  positionOffset: 0,
  typeVocabSize: 2,
  layerNormEps: 1e-12,
  activation: 'gelu',
  padTokenId: 0,
};

export const smallModel: ModelSpec = {
  encoder: smallEncoder,
  numericFeatures: ['a', 'b', 'c'],
  objective: 'ZILN',
  strategy: 'FULL',
  loraRank: 4,
};
