import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mean } from '../../../src/math.js';
import { createEngine } from '../../../src/ml/engine/create-engine.js';
import type { Engine } from '../../../src/ml/engine/engine.js';
import type { ModelSpec } from '../../../src/ml/model/spec.js';
import { initialiseEncoder, initialiseModel, wordEffectsTable } from '../../../src/ml/model/weights.js';
import { tokenGroupNames, type TrainingExample } from '../../../src/ml/scoring/example.js';
import { Predictor } from '../../../src/ml/scoring/predictor.js';
import { epochBatches, maskSpans } from '../../../src/ml/training/epoch-batches.js';
import { epochRows } from '../../../src/ml/training/epoch-rows.js';
import { type FineTuneInput, type TrainingState, fineTune } from '../../../src/ml/training/fine-tune.js';
import { Random } from '../../../src/random.js';
import { smallEncoder, smallModel } from '../../support/small-encoder.js';

const encoder = { ...smallEncoder, vocabSize: 40, layers: 1, maxPositions: 32 };
const spec: ModelSpec = { ...smallModel, encoder, numericFeatures: ['a', 'b'] };
const mask = 4;
const taste = tokenGroupNames.indexOf('categories');
const recency = tokenGroupNames.indexOf('recency');

/** Customers whose word 10 or 11 decides whether they buy, and whose first number decides for how much. */
function customers(count: number, seed: string): TrainingExample[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => {
    const buyer = random.uniform() < 0.5;
    const size = random.normal();
    return {
      tokenIds: Int32Array.of(1, buyer ? 10 : 11, 12 + random.integer(20), 2),
      tokenGroups: Uint8Array.of(0, taste, taste, 0),
      numeric: Float32Array.of(size, random.normal()),
      prior: [0, 0],
      value: buyer && random.uniform() < 0.95 ? Math.exp(size + 0.5 * random.normal()) : 0,
      weight: 1,
    };
  });
}

/** The same, their words saying nothing. */
function unread(rows: TrainingExample[]): TrainingExample[] {
  const random = new Random('words');
  const word = () => 12 + random.integer(20);
  return rows.map((row) => ({ ...row, tokenIds: Int32Array.of(1, word(), word(), 2) }));
}

function input(overrides: Partial<FineTuneInput['settings']> = {}): FineTuneInput {
  return {
    spec,
    initialWeights: initialiseModel(spec, initialiseEncoder(encoder, 1), 1),
    training: customers(1_024, 'train'),
    validation: customers(64, 'validation'),
    pad: 0,
    mask,
    settings: {
      epochs: 3,
      rowsPerEpoch: 2_048,
      batchSize: 32,
      learningRate: 5e-3,
      encoderShare: 1,
      weightDecay: 0.01,
      warmupShare: 0.1,
      patience: 2,
      spanMasking: 0,
      seed: 7,
      ...overrides,
    },
  };
}

describe('fine-tuning', () => {
  let engine: Engine;
  beforeAll(async () => void (engine = await createEngine({ engine: 'onnx', device: 'cpu', threads: 1 })));
  afterAll(() => engine.dispose());

  it('learns from words and numbers what the prior does not know', async () => {
    const { history, best } = await fineTune(engine, input({ epochs: 8, patience: 8 }));
    const [untrained] = history;
    expect(mean(best.losses)).toBeLessThan(untrained!.validationLoss - 0.4);
    const predictor = new Predictor(engine, { spec, weights: best.weights }, 0);
    const [buyer, other] = await predictor.predict([
      { ...customers(1, 'x')[0]!, tokenIds: Int32Array.of(1, 10, 12, 2) },
      { ...customers(1, 'x')[0]!, tokenIds: Int32Array.of(1, 11, 12, 2) },
    ]);
    await predictor.dispose();
    expect(buyer!.output[0]! - other!.output[0]!).toBeGreaterThan(1);
  });

  it('learns the numbers first, from every row, and keeps what it learnt', async () => {
    const { history, best, current } = await fineTune(engine, input({ epochs: 1, rowsPerEpoch: 32 }));
    expect(history.map((record) => record.epoch)).toEqual([0, 1, 2]);
    expect(history[1]!.validationLoss).toBeLessThan(history[0]!.validationLoss - 0.1);
    expect(current['head.numbers.delta.weight']).toEqual(best.weights['head.numbers.delta.weight']);
    expect(current['head.numbers.delta.weight']!.data.some((number) => number !== 0)).toBe(true);
  });

  it('keeps the effects of words from the first epoch to the last', async () => {
    const { history, best, current } = await fineTune(engine, input({ epochs: 2 }));
    expect(history[1]!.validationLoss).toBeLessThan(history[0]!.validationLoss - 0.3);
    expect(best.weights[wordEffectsTable]).toEqual(current[wordEffectsTable]);
    expect(current[wordEffectsTable]!.shape).toEqual([40, 2]);
  });

  it('keeps the encoder where held-out customers gain more by it than by chance', async () => {
    // Words of numbers have no effects of their own.
    const read = (rows: readonly TrainingExample[]) =>
      rows.map((row) => ({ ...row, tokenGroups: Uint8Array.of(0, recency, recency, 0) }));
    const told = input({ epochs: 2 });
    const { best } = await fineTune(engine, {
      ...told,
      training: read(told.training),
      validation: read(customers(64, 'validation')),
    });
    expect(best.epoch).toBeGreaterThan(1);
  });

  it('drops the encoder where held-out customers gain no more by it than by chance', async () => {
    const trained: { fell: boolean; kept: boolean }[] = [];
    for (const seed of ['6', '7']) {
      const [training, validation] = [unread(customers(1_024, 'train')), unread(customers(64, seed))];
      const { best, history } = await fineTune(engine, { ...input({ epochs: 1 }), training, validation });
      const fell = history[2]!.validationLoss < history[1]!.validationLoss;
      trained.push({ fell, kept: best.epoch === 2 });
    }
    expect(trained.some(({ fell, kept }) => fell && !kept)).toBe(true);
    expect(trained.every(({ fell, kept }) => fell || !kept)).toBe(true);
  });

  it.each(['MSE', 'CLASSIFICATION'] as const)('learns the same for the objective %s', async (objective) => {
    const classes = objective === 'CLASSIFICATION' && { classBounds: [0.01], classMeans: [0, 2] };
    const of = { ...spec, objective, ...classes };
    const initialWeights = initialiseModel(of, initialiseEncoder(encoder, 1), 1);
    const { history, best } = await fineTune(engine, { ...input({ epochs: 1 }), spec: of, initialWeights });
    expect(mean(best.losses)).toBeLessThan(history[0]!.validationLoss);
  });

  it('is the same for the same seed, and another for another', async () => {
    const first = await fineTune(engine, input());
    const again = await fineTune(engine, input());
    const other = await fineTune(engine, input({ seed: 8 }));
    expect(again.current).toEqual(first.current);
    expect(other.history.at(-1)!.trainingLoss).not.toBe(first.history.at(-1)!.trainingLoss);
  });

  it('resumed from a checkpoint ends where the unbroken run ends, before its first step and between others', async () => {
    const checkpoints: TrainingState[] = [];
    const asked = input({ spanMasking: 0.1, epochs: 2, patience: 9 });
    const whole = await fineTune(engine, asked, { onEpoch: async (state) => void checkpoints.push(state) });
    const stepsOf = ({ current }: TrainingState) => current['adam.step']?.data[0] ?? 0;
    const [first, second] = checkpoints;
    expect(stepsOf(first!)).toBe(0);
    expect(stepsOf(second!)).toBeGreaterThan(0);
    for (const resumeFrom of [first!, second!]) {
      const resumed = await fineTune(engine, asked, { resumeFrom });
      expect(resumed.current).toEqual(whole.current);
      expect(resumed.history.map((record) => record.validationLoss)).toEqual(
        whole.history.map((record) => record.validationLoss),
      );
    }
  });

  it('keeps the untrained model, the prior, when training only makes it worse', async () => {
    const never = input({ epochs: 5 });
    const training = never.training.map((example) => ({ ...example, value: 0 }));
    const validation = never.validation.map((example) => ({ ...example, value: 1 }));
    const { best, history } = await fineTune(engine, { ...never, training, validation });
    expect(best.epoch).toBe(0);
    expect(history.length).toBe(3);
  });

  it('stops between two steps when aborted', async () => {
    const controller = new AbortController();
    const progress = { report: () => controller.abort(new Error('cancelled')) };
    await expect(fineTune(engine, input(), { signal: controller.signal, progress })).rejects.toThrow('cancelled');
  });
});

describe('the rows of an epoch', () => {
  it('are all of them where they are few, and else others each time, heavy ones more often', () => {
    const rows = customers(1_000, 'rows').map((row, index) => ({ ...row, weight: index < 500 ? 3 : 1 }));
    expect(epochRows(rows, 1_000, new Random(1))).toEqual(rows);
    const [first, second] = [1, 2].map((seed) => epochRows(rows, 200, new Random(seed)));
    expect(new Set(first!.map(({ numeric }) => numeric)).size).toBe(200);
    expect(second).not.toEqual(first);
    expect(first!.every(({ weight }) => weight === 1)).toBe(true);
    const heavy = new Set(rows.slice(0, 500).map(({ numeric }) => numeric));
    const share = first!.filter(({ numeric }) => heavy.has(numeric)).length / 200;
    expect(share).toBeGreaterThan(0.62);
    expect(share).toBeLessThan(0.84);
  });
});

describe('the batches of an epoch', () => {
  it('hold every example once, padded to few lengths', () => {
    const examples = customers(100, 'batches').map((example, index) => ({
      ...example,
      tokenIds: new Int32Array(2 + (index % 30)),
    }));
    const batches = [...epochBatches(examples, 16, new Random(1))];
    expect(batches.flatMap((batch) => batch.examples).length).toBe(100);
    expect(new Set(batches.flatMap((batch) => batch.examples)).size).toBe(100);
    for (const { length, examples: rows } of batches) {
      expect(rows.length).toBeLessThanOrEqual(16);
      expect(Math.max(...rows.map((row) => row.tokenIds.length))).toBeLessThanOrEqual(length);
    }
    expect(new Set(batches.map((batch) => batch.length))).toEqual(new Set([16, 32]));
  });

  it('mask a whole group or none of it, and never a special token', () => {
    const example = { ...customers(1, 'm')[0]!, tokenIds: Int32Array.of(1, 10, 11, 12, 2) };
    const grouped = { ...example, tokenGroups: Uint8Array.of(0, 1, 1, 2, 0) };
    const random = new Random(3);
    const seen = new Set<string>();
    for (let i = 0; i < 200; i++) seen.add(maskSpans(grouped, 0.5, mask, random).tokenIds.join(' '));
    expect(seen).toEqual(new Set(['1 10 11 12 2', '1 4 4 12 2', '1 10 11 4 2', '1 4 4 4 2']));
  });
});
