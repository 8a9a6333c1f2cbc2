import { afterAll, describe, expect, it } from 'vitest';
import { sessionOptions } from '../../../src/ml/engine/onnx/devices.js';
import { hasFastInt8 } from '../../../src/ml/engine/onnx/fast-int8.js';
import { OnnxEngine } from '../../../src/ml/engine/onnx/onnx-engine.js';
import { quantisableWeights } from '../../../src/ml/model/quantised-weights.js';
import { type HostWeights, initialiseEncoder, initialiseModel } from '../../../src/ml/model/weights.js';
import type { TrainingExample } from '../../../src/ml/scoring/example.js';
import { type ActivationRanges, observeActivations } from '../../../src/ml/scoring/activation-ranges.js';
import { Predictor } from '../../../src/ml/scoring/predictor.js';
import { Random } from '../../../src/random.js';
import { chooseScoringPrecision } from '../../../src/services/fine-tuning/scoring-precision.js';
import type { TrainingData } from '../../../src/services/fine-tuning/training-data.js';
import { smallModel } from '../../support/small-encoder.js';

const spec = smallModel;

/** @param size of what the words say */
function weightsOf(size: number): HostWeights {
  const weights = initialiseModel(spec, initialiseEncoder(spec.encoder, 1), 1);
  const random = new Random(2);
  for (const name of [...quantisableWeights(spec.encoder), 'head.delta.weight']) {
    const { data } = weights[name]!;
    const std = name === 'head.delta.weight' ? size : 0.3;
    for (let i = 0; i < data.length; i++) data[i] = random.normal(0, std);
  }
  return weights;
}

function examples(count: number, seed: number): TrainingExample[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => ({
    tokenIds: Int32Array.from({ length: 5 + random.integer(20) }, () => 5 + random.integer(50)),
    tokenGroups: new Uint8Array(25).fill(1),
    numeric: Float32Array.from({ length: 3 }, () => random.normal()),
    prior: [random.normal(), random.normal()] as const,
    value: Math.max(random.normal(), 0),
    weight: 1,
  }));
}

const data: TrainingData = {
  training: examples(200, 3),
  validation: examples(300, 4),
  validationRows: { rows: [], actual: examples(300, 4).map(({ value }) => value) },
  base: { rows: [], examples: [] },
  scale: { valueScale: 1, residualSigma: 1, largestValue: 1e6 },
};
const signal = new AbortController().signal;
/** Where the processor cuts sums of products off at 16 bits, integers do not give the same answer. */
const cutOff = !hasFastInt8();
if (cutOff) console.warn('This processor cuts sums of 8-bit products off: four tests of the precision are skipped.');

describe('the precision of scoring', () => {
  const able = new OnnxEngine('cpu', 'a processor that is fast at it', sessionOptions('cpu', 1), true);
  const unable = new OnnxEngine('cpu', 'a processor that is not', sessionOptions('cpu', 1), false);
  afterAll(() => Promise.all([able.dispose(), unable.dispose()]));
  const choose = (weights: HostWeights, engine = able) =>
    chooseScoringPrecision(engine, { spec, weights }, data, { pad: 0, signal });

  async function valuesWith(weights: HostWeights, ranges: ActivationRanges | null): Promise<number[]> {
    const predictor = new Predictor(able, { spec, weights }, 0, ranges);
    const raw = await predictor.predict(data.validation);
    await predictor.dispose();
    return raw.map(({ expectedValue }) => expectedValue);
  }

  it.skipIf(cutOff)('is 8-bit integers where the held-out customers get the same answer', async () => {
    const weights = weightsOf(0.02);
    const { record, ranges } = await choose(weights);
    expect(record).toMatchObject({ precision: 'INT8', relativeChange: expect.any(Number) });
    expect(record.relativeChange).toBeLessThan(0.01);
    expect(Object.keys(ranges!).toSorted()).toEqual(quantisableWeights(spec.encoder).toSorted());
    const predictor = new Predictor(able, { spec, weights }, 0, ranges);
    const [alone] = await predictor.predict([data.validation[7]!]);
    const together = await predictor.predict(data.validation);
    await predictor.dispose();
    expect(predictor.precision).toBe('INT8');
    expect(together[7]!.expectedValue / alone!.expectedValue).toBeCloseTo(1, 5);
    const exact = new Predictor(unable, { spec, weights }, 0, ranges);
    expect(exact.precision).toBe('FLOAT32');
    await exact.dispose();
  });

  it('is float32 where they do not, and says by how much', async () => {
    const { record, ranges } = await choose(weightsOf(3));
    expect(ranges).toBeNull();
    expect(record.precision).toBe('FLOAT32');
    expect(record.relativeChange).toBeGreaterThan(0.01);
    expect(record.reason).toMatch(
      /^INT8 changes the value of 99 % of the held-out customers by \d.* % at most; 1 % is allowed\.$/,
    );
  });

  it('is float32 where the encoder has one layer, whose products are few', async () => {
    const oneLayer = { ...spec, encoder: { ...spec.encoder, layers: 1 } };
    const weights = initialiseModel(oneLayer, initialiseEncoder(oneLayer.encoder, 1), 1);
    weights['head.delta.weight'] = weightsOf(0.02)['head.delta.weight']!;
    const { record, ranges } = await chooseScoringPrecision(able, { spec: oneLayer, weights }, data, {
      pad: 0,
      signal,
    });
    expect(record).toMatchObject({ precision: 'FLOAT32', reason: 'An encoder of one layer would gain nothing.' });
    expect(ranges).toBeNull();
  });

  it.skipIf(cutOff)('tells by how much the integers change the value of all but one in a hundred', async () => {
    const weights = weightsOf(0.02);
    const { record, ranges } = await choose(weights);
    const [exact, quantised] = [await valuesWith(weights, null), await valuesWith(weights, ranges)];
    const further = exact.filter((value, i) => Math.abs(quantised[i]! / value - 1) > record.relativeChange!);
    expect(further.length).toBeGreaterThan(0);
    expect(further.length).toBeLessThanOrEqual(exact.length / 100);
  });

  it.skipIf(cutOff)('is float32 where the integers change the order of those who spend', async () => {
    const weights = weightsOf(0.02);
    const { ranges } = await choose(weights);
    const placesWith = async (tried: ActivationRanges | null) => {
      const values = await valuesWith(weights, tried);
      return values.map((_, i) => i).sort((a, b) => values[b]! - values[a]!);
    };
    const [exact, quantised] = [await placesWith(null), await placesWith(ranges)];
    const moved = exact.find((id, place) => quantised[place] !== id);
    const actual = data.validation.map((_, i) => (i === moved ? 1 : 0));
    const told = { ...data, validationRows: { rows: [], actual } };
    const { record } = await chooseScoringPrecision(able, { spec, weights }, told, { pad: 0, signal });
    expect(record).toMatchObject({ precision: 'FLOAT32', reason: expect.stringContaining('changes the Gini by') });
  });

  it.skipIf(cutOff)('has integers for what all windows have, the newest, which come last, too', async () => {
    const newest = examples(900, 6).map((each) => ({ ...each, numeric: each.numeric.map((value) => 2 * value) }));
    const told = { ...data, training: [...examples(1_024, 5), ...newest] };
    const model = { spec, weights: weightsOf(0.005) };
    const { ranges } = await chooseScoringPrecision(able, model, told, { pad: 0, signal });
    const ofOldest = await observeActivations(able, model, told.training.slice(0, 1_024), 0);
    const first = 'encoder.layer.0.attention.self.query.weight';
    expect(ranges![first]![1]).toBeGreaterThan(1.2 * ofOldest[first]![1]);
  });

  it('is float32 where the processor is not fast at it, or where no words are read', async () => {
    expect((await choose(weightsOf(0.02), unable)).record).toMatchObject({
      precision: 'FLOAT32',
      reason: 'This engine has no fast products of 8-bit integers: a processor that is not.',
      relativeChange: null,
    });
    expect((await choose(weightsOf(0))).record.reason).toMatch(/^The encoder changes no prediction/);
  });
});
