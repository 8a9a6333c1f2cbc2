import { describe, expect, it } from 'vitest';
import type { TrainingState } from '../../../src/ml/training/fine-tune.js';
import { deserialiseTrainingState, serialiseTrainingState } from '../../../src/ml/training/training-checkpoint.js';
import { initialOptimizerState } from '../../../src/ml/model/adamw.js';
import { trainableShapes } from '../../../src/ml/model/programs.js';
import { parseSafetensors, writeSafetensors } from '../../../src/ml/model/safetensors.js';
import type { ModelSpec } from '../../../src/ml/model/spec.js';
import { encoderShapes, type HostWeights } from '../../../src/ml/model/weights.js';
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
    const start = { spec, tokenizer, initialWeights: initial };
    const bytes = serialiseTrainingState(state, start);
    expect(deserialiseTrainingState(bytes, start)).toEqual(state);
    for (const name of frozen) expect(bytes.includes(`"current.${name}"`)).toBe(false);
  });

  it('of a model with other shapes, as another version makes it, is none', () => {
    const weights = randomWeights(tinyModel);
    const best = { epoch: 1, losses: Float32Array.of(1), weights };
    const state: TrainingState = { history: [], current: {}, best };
    const start = { spec: tinyModel, tokenizer, initialWeights: weights };
    const other = { ...start, initialWeights: freshWeights({ ...tinyModel, numbersNetworks: 2 }) };
    expect(deserialiseTrainingState(serialiseTrainingState(state, start), other)).toBeNull();
  });

  it('of a vocabulary whose words have other rows is none', () => {
    const weights = randomWeights(tinyModel);
    const best = { epoch: 1, losses: Float32Array.of(1), weights };
    const start = { spec: tinyModel, tokenizer, initialWeights: weights };
    const bytes = serialiseTrainingState({ history: [], current: weights, best }, start);
    const other = { ...tokenizer, tokenizer: '{"model":{"vocab":{"cup":1}}}' };
    expect(deserialiseTrainingState(bytes, start)).not.toBeNull();
    expect(deserialiseTrainingState(bytes, { ...start, tokenizer: other })).toBeNull();
  });

  it.each(['LORA', 'HEAD'] as const)(
    'of another base of the same shapes is none, where it keeps the base, %s',
    (strategy) => {
      const spec: ModelSpec = { ...tinyModel, strategy };
      const weights = randomWeights(spec);
      const best = { epoch: 1, losses: Float32Array.of(1), weights };
      const start = { spec, tokenizer, initialWeights: freshWeights(spec) };
      const bytes = serialiseTrainingState({ history: [], current: weights, best }, start);
      const [name] = Object.keys(encoderShapes(spec.encoder));
      const { data, ...tensor } = start.initialWeights[name!]!;
      const other = { ...start.initialWeights, [name!]: { ...tensor, data: data.map((x) => x + 1) } };
      expect(deserialiseTrainingState(bytes, start)).not.toBeNull();
      expect(deserialiseTrainingState(bytes, { ...start, initialWeights: other as HostWeights })).toBeNull();
    },
  );

  it('without the losses of held-out customers, as another version makes it, is none', () => {
    const weights = randomWeights(tinyModel);
    const start = { spec: tinyModel, tokenizer, initialWeights: freshWeights(tinyModel) };
    const best = { epoch: 1, losses: Float32Array.of(1), weights };
    const whole = parseSafetensors(serialiseTrainingState({ history: [], current: {}, best }, start), 'The checkpoint');
    const bytes = writeSafetensors({ 'best.x': Object.values(weights)[0]! }, whole.metadata);
    expect(deserialiseTrainingState(bytes, start)).toBeNull();
  });
});
