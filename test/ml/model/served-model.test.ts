import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../../../src/ml/engine/create-engine.js';
import type { Engine } from '../../../src/ml/engine/engine.js';
import type { Attribution } from '../../../src/ml/explain/attribution.js';
import { IntegratedGradients } from '../../../src/ml/explain/integrated-gradients.js';
import { forwardProgram } from '../../../src/ml/model/programs.js';
import { deserialiseModel, serialiseModel } from '../../../src/ml/model/serialise.js';
import { asServed } from '../../../src/ml/model/served-model.js';
import type { ModelSpec, Objective } from '../../../src/ml/model/spec.js';
import {
  type HostWeights,
  initialiseEncoder,
  initialiseModel,
  wordEffectsShapes,
  wordEffectsTable,
} from '../../../src/ml/model/weights.js';
import { batchTensors } from '../../../src/ml/scoring/batches.js';
import { tokenGroupNames } from '../../../src/ml/scoring/example.js';
import { Predictor } from '../../../src/ml/scoring/predictor.js';
import { uploadAll } from '../../../src/ml/scoring/resident-weights.js';
import { movedByWords } from '../../../src/ml/scoring/word-effects.js';
import { smallModel } from '../../support/small-encoder.js';
import { Random } from '../../../src/random.js';

const specOf = (objective: Objective): ModelSpec => ({
  ...smallModel,
  objective,
  ...(objective === 'CLASSIFICATION' && { classBounds: [1], classMeans: [0, 5] }),
});

/** As training leaves it where the words do not help: the numbers' part has learnt, the rest of the head says nothing. */
function numbersOnly(spec: ModelSpec): HostWeights {
  const weights = initialiseModel(spec, initialiseEncoder(spec.encoder, 1), 1);
  const random = new Random(2);
  for (const name of ['head.numbers.delta.weight', 'head.prior.weight']) {
    const data = weights[name]?.data ?? [];
    for (let i = 0; i < data.length; i++) data[i] = random.normal(0, 0.5);
  }
  return weights;
}

function someEffects(spec: ModelSpec): HostWeights {
  const random = new Random(4);
  const [rows, columns] = wordEffectsShapes(spec)[wordEffectsTable] as [number, number];
  const data = Float32Array.from({ length: rows * columns }, () => random.normal(0, 0.3));
  return { [wordEffectsTable]: { shape: [rows, columns], dtype: 'float32', data } };
}

const random = new Random(3);
const examples = [3, 20, 7].map((length) => ({
  tokenIds: Int32Array.from({ length }, () => 5 + random.integer(30)),
  tokenGroups: new Uint8Array(length).fill(tokenGroupNames.indexOf('categories')),
  numeric: Float32Array.from({ length: 3 }, () => random.normal()),
  prior: [random.normal(), random.normal()] as const,
}));

/** Each example, against a baseline of zeros. */
async function explained(engine: Engine, model: { spec: ModelSpec; weights: HostWeights }): Promise<Attribution[]> {
  const attributor = new IntegratedGradients(engine, model, { pad: 0, mask: 4 });
  const attributions = await attributor.attribute(
    examples.map((example) => ({ example, baselineNumeric: new Float32Array(3), baselinePrior: [0, 0] })),
  );
  await attributor.dispose();
  return attributions;
}

describe('a model whose words move the prior', () => {
  let engine: Engine;
  beforeAll(async () => void (engine = await createEngine({ engine: 'onnx', device: 'cpu', threads: 1 })));
  afterAll(() => engine.dispose());

  const spec = specOf('ZILN');
  const encoding = numbersOnly(spec);
  encoding['head.delta.weight']!.data.fill(0.05);

  it.each([
    ['encodes', encoding],
    ['reads numbers', numbersOnly(spec)],
  ])('predicts what it would with the moved prior: one that %s', async (_, weights) => {
    const effects = someEffects(spec);
    const moving = new Predictor(engine, { spec, weights: { ...weights, ...effects } }, 0);
    const plain = new Predictor(engine, { spec, weights }, 0);
    const moved = examples.map((example) => movedByWords(example, effects[wordEffectsTable]!));
    expect(await moving.predict(examples)).toEqual(await plain.predict(moved));
    expect((await moving.predict(examples))[0]).not.toEqual((await plain.predict(examples))[0]);
    await Promise.all([moving.dispose(), plain.dispose()]);
  });

  it('is stored with their effects', () => {
    const weights = { ...encoding, ...someEffects(spec) };
    const stored = serialiseModel({ spec, weights, tokenizer: { tokenizer: '{}', config: '{}' } });
    expect(deserialiseModel(stored).weights[wordEffectsTable]).toEqual(weights[wordEffectsTable]);
  });

  it('is explained completely by encoder and effects together', async () => {
    const weights = { ...encoding, ...someEffects(spec) };
    const attributions = await explained(engine, { spec, weights });
    expect(attributions).toHaveLength(examples.length);
    for (const { completenessError } of attributions) expect(completenessError).toBeLessThan(0.01);
  });
});

describe('a model whose encoder changes nothing', () => {
  let engine: Engine;
  beforeAll(async () => void (engine = await createEngine({ engine: 'onnx', device: 'cpu', threads: 1 })));
  afterAll(() => engine.dispose());

  it.each(['ZILN', 'MSE', 'CLASSIFICATION'] as const)(
    'predicts without encoding them what it did: %s',
    async (objective) => {
      const spec = specOf(objective);
      const weights = numbersOnly(spec);
      expect(asServed({ spec, weights }).encodes).toBe(false);
      const { fn, inputs } = forwardProgram(spec, { batch: 3, length: 20 });
      const whole = await engine.compile(fn, inputs);
      const given = batchTensors(examples, { batch: 3, length: 20, pad: 0, features: 3 });
      const { expectedValue } = await whole.run(uploadAll(engine, { ...weights, ...given }));
      const expected = await engine.read(expectedValue!);
      const predictor = new Predictor(engine, { spec, weights }, 0);
      const predicted = await predictor.predict(examples);
      await predictor.dispose();
      for (const [i, { expectedValue: value }] of predicted.entries()) expect(value).toBeCloseTo(expected[i]!, 5);
    },
  );

  it('is explained by its numbers, completely', async () => {
    const spec = specOf('ZILN');
    const attributions = await explained(engine, { spec, weights: numbersOnly(spec) });
    for (const [i, { tokens, features, completenessError }] of attributions.entries()) {
      expect(tokens).toHaveLength(examples[i]!.tokenIds.length);
      expect(tokens.every((amount) => amount === 0)).toBe(true);
      expect(features.some((amount) => amount !== 0)).toBe(true);
      expect(completenessError).toBeLessThan(0.01);
    }
  });

  it('is explained by its words, completely, where they move the prior', async () => {
    const spec = specOf('ZILN');
    const weights = { ...numbersOnly(spec), ...someEffects(spec) };
    const attributions = await explained(engine, { spec, weights });
    for (const { tokens, completenessError } of attributions) {
      expect(tokens.every((amount) => amount !== 0)).toBe(true);
      expect(completenessError).toBeLessThan(0.01);
    }
  });

  it('is not one whose head has learnt a single thing from them', () => {
    const spec = specOf('ZILN');
    const weights = numbersOnly(spec);
    weights['head.delta.bias']!.data[1] = 1e-3;
    expect(asServed({ spec, weights }).encodes).toBe(true);
  });
});
