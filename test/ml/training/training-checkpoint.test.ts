import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { TrainingState } from '../../../src/ml/training/fine-tune.js';
import { deserialiseTrainingState, serialiseTrainingState } from '../../../src/ml/training/training-checkpoint.js';
import { initialOptimizerState } from '../../../src/ml/model/adamw.js';
import { trainableShapes } from '../../../src/ml/model/programs.js';
import { writeSafetensors } from '../../../src/ml/model/safetensors.js';
import type { ModelSpec } from '../../../src/ml/model/spec.js';
import { encoderShapes } from '../../../src/ml/model/weights.js';
import { freshWeights, randomWeights, tinyModel } from '../model/support.js';

const tokenizer = { tokenizer: '{"model":{"vocab":{"mug":1}}}', config: '{}' };

describe('a training checkpoint', () => {
  it.each(['FULL', 'LORA', 'HEAD'] as const)('comes back whole, %s', (strategy) => {
    const spec: ModelSpec = { ...tinyModel, strategy };
    const initial = freshWeights(spec);
    const frozen = strategy === 'FULL' ? [] : Object.keys(encoderShapes(spec.encoder));
    const kept = Object.fromEntries(frozen.map((name) => [name, initial[name]!]));
    const trained = { ...randomWeights(spec), ...kept };
    const state: TrainingState = {
      history: [{ epoch: 0, trainingLoss: null, validationLoss: 1.5, seconds: 2 }],
      current: { ...trained, ...initialOptimizerState(trainableShapes(spec)) },
      best: { epoch: 1, losses: Float32Array.of(1.5, 1), weights: trained },
    };
    const bytes = serialiseTrainingState(state, spec, tokenizer);
    expect(deserialiseTrainingState(bytes, initial, tokenizer)).toEqual(state);
    for (const name of frozen) expect(bytes.includes(`"current.${name}"`)).toBe(false);
  });

  it('of a model with other shapes, as another version makes it, is none', () => {
    const weights = randomWeights(tinyModel);
    const best = { epoch: 1, losses: Float32Array.of(1), weights };
    const state: TrainingState = { history: [], current: {}, best };
    const initial = freshWeights({ ...tinyModel, numbersNetworks: 2 });
    expect(
      deserialiseTrainingState(serialiseTrainingState(state, tinyModel, tokenizer), initial, tokenizer),
    ).toBeNull();
  });

  it('of a vocabulary whose words have other rows is none', () => {
    const weights = randomWeights(tinyModel);
    const best = { epoch: 1, losses: Float32Array.of(1), weights };
    const bytes = serialiseTrainingState({ history: [], current: weights, best }, tinyModel, tokenizer);
    const other = { ...tokenizer, tokenizer: '{"model":{"vocab":{"cup":1}}}' };
    expect(deserialiseTrainingState(bytes, weights, tokenizer)).not.toBeNull();
    expect(deserialiseTrainingState(bytes, weights, other)).toBeNull();
  });

  it('without the losses of held-out customers, as another version makes it, is none', () => {
    const weights = randomWeights(tinyModel);
    const vocabulary = createHash('sha256').update(tokenizer.tokenizer).digest('hex');
    const bytes = writeSafetensors({ 'best.x': Object.values(weights)[0]! }, { bestEpoch: '1', vocabulary });
    expect(deserialiseTrainingState(bytes, freshWeights(tinyModel), tokenizer)).toBeNull();
  });
});
