import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../../../src/ml/engine/create-engine.js';
import type { Engine } from '../../../src/ml/engine/engine.js';
import type { AttributionRequest } from '../../../src/ml/explain/attribution.js';
import { IntegratedGradients } from '../../../src/ml/explain/integrated-gradients.js';
import type { ModelSpec } from '../../../src/ml/model/spec.js';
import {
  initialiseEncoder,
  initialiseModel,
  type HostWeights,
  wordEffectsTable,
} from '../../../src/ml/model/weights.js';
import { tokenGroupNames } from '../../../src/ml/scoring/example.js';
import { Predictor } from '../../../src/ml/scoring/predictor.js';
import { Random } from '../../../src/random.js';
import { smallEncoder, smallModel } from '../../support/small-encoder.js';

const spec = smallModel;
const special = { pad: 0, mask: 4 };

const gpt2: ModelSpec = {
  ...spec,
  encoder: { ...smallEncoder, modelType: 'gpt2', typeVocabSize: 0, layerNormEps: 1e-5, activation: 'gelu_tanh' },
};

/** A model that says something: an untrained one has a head of zeros. */
function weights(seed: string, of = spec): HostWeights {
  const model = initialiseModel(of, initialiseEncoder(of.encoder, seed), seed);
  const random = new Random(seed);
  for (const [name, { data }] of Object.entries(model)) {
    if (name === 'head.delta.weight') for (let i = 0; i < data.length; i++) data[i] = random.normal(0, 0.5);
    if (name.endsWith('word_embeddings.weight')) for (let i = 0; i < data.length; i++) data[i] = random.normal(0, 0.3);
  }
  return model;
}

function request(random: Random, words: number): AttributionRequest {
  const tokenIds = Int32Array.from({ length: words + 2 }, (_, i) =>
    i === 0 ? 1 : i === words + 1 ? 2 : 10 + random.integer(30),
  );
  return {
    example: {
      tokenIds,
      tokenGroups: Uint8Array.from(tokenIds, (_, i) => (i === 0 || i === words + 1 ? 0 : 1 + (i % 3))),
      numeric: Float32Array.from({ length: 3 }, () => random.normal()),
      prior: [random.normal(), random.normal()],
    },
    baselineNumeric: new Float32Array(3),
    baselinePrior: [0, 0],
  };
}

describe('integrated gradients', () => {
  let engine: Engine;
  const random = new Random(1);
  const requests = [3, 9, 20, 5].map((words) => request(random, words));
  beforeAll(async () => void (engine = await createEngine({ engine: 'onnx', device: 'cpu', threads: 1 })));
  afterAll(() => engine.dispose());

  it.each([spec, gpt2])('sum to the difference from the baseline, $encoder.modelType', async (of) => {
    const attributor = new IntegratedGradients(engine, { spec: of, weights: weights('x', of) }, special);
    const attributions = await attributor.attribute(requests);
    await attributor.dispose();
    expect(attributions).toHaveLength(requests.length);
    for (const { completenessError } of attributions) expect(completenessError).toBeLessThan(0.01);
  });

  it('sum to it where words move the prior, too, each by its own part of the way', async () => {
    const effects = new Random('effects');
    const rows = spec.encoder.vocabSize;
    const data = Float32Array.from({ length: 2 * rows }, () => effects.normal(0, 0.5));
    const moving = { ...weights('x'), [wordEffectsTable]: { shape: [rows, 2], dtype: 'float32' as const, data } };
    const telling = tokenGroupNames.indexOf('categories');
    const told = requests.map(({ example, ...rest }) => ({
      ...rest,
      example: { ...example, tokenGroups: example.tokenGroups.map((group) => (group === 0 ? 0 : telling)) },
    }));
    const valuesOf = async (of: HostWeights) => {
      const attributor = new IntegratedGradients(engine, { spec, weights: of }, special);
      const attributions = await attributor.attribute(told);
      await attributor.dispose();
      for (const { completenessError } of attributions) expect(completenessError).toBeLessThan(0.01);
      return attributions.map(({ value }) => value);
    };
    expect(await valuesOf(moving)).not.toEqual(await valuesOf(weights('x')));
  });

  it('take more steps of those, and only those, whom eight leave with an error', async () => {
    const attributor = new IntegratedGradients(engine, { spec, weights: weights('x') }, special);
    const far = requests.map(({ example, ...rest }) => ({
      ...rest,
      example: { ...example, numeric: example.numeric.map((number) => 10 * number) },
    }));
    const of = [...requests, ...far];
    const rough = await attributor.attributeWith(of, 8);
    const fine = await attributor.attribute(of);
    await attributor.dispose();
    const isRough = rough.map(({ completenessError }) => completenessError > 0.01);
    expect(new Set(isRough)).toEqual(new Set([true, false]));
    expect(fine.map(({ steps }) => steps > 8)).toEqual(isRough);
    for (const { completenessError } of fine) expect(completenessError).toBeLessThan(0.01);
  });

  it('start from and end at what the predictor says', async () => {
    const model = { spec, weights: weights('x') };
    const attributor = new IntegratedGradients(engine, model, special);
    const predictor = new Predictor(engine, model, special.pad);
    const attributions = await attributor.attribute(requests);
    const predicted = await predictor.predict(requests.map(({ example }) => example));
    await Promise.all([attributor.dispose(), predictor.dispose()]);
    for (const [i, { value }] of attributions.entries()) expect(value).toBeCloseTo(predicted[i]!.expectedValue, 4);
  });

  it('give nothing to special tokens and to what does not differ', async () => {
    const attributor = new IntegratedGradients(engine, { spec, weights: weights('x') }, special);
    const [first] = requests;
    const same = { ...first!, baselineNumeric: first!.example.numeric, baselinePrior: first!.example.prior };
    const [attribution] = await attributor.attribute([same]);
    await attributor.dispose();
    expect([...attribution!.features]).toEqual([0, 0, 0]);
    expect(attribution!.prior).toEqual([0, 0]);
    expect(attribution!.tokens[0]).toBe(0);
    expect(attribution!.tokens.at(-1)).toBe(0);
    expect(attribution!.tokens.some((amount) => amount !== 0)).toBe(true);
  });

  it('change with the model that they explain', async () => {
    const explain = async (seed: string) => {
      const attributor = new IntegratedGradients(engine, { spec, weights: weights(seed) }, special);
      const [attribution] = await attributor.attribute([requests[1]!]);
      await attributor.dispose();
      return [...attribution!.tokens];
    };
    expect(await explain('x')).not.toEqual(await explain('y'));
  });
});
