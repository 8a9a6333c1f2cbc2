import { afterAll, describe, expect, it } from 'vitest';
import type { HostTensor } from '../../../src/ml/engine/engine.js';
import { initialOptimizerState, type OptimizerSettings } from '../../../src/ml/model/adamw.js';
import { wordTable } from '../../../src/ml/model/encoder.js';
import { trainableShapes, trainProgram, type TrainingShape } from '../../../src/ml/model/programs.js';
import type { ModelSpec } from '../../../src/ml/model/spec.js';
import { type HostWeights, initialiseEncoder, initialiseModel } from '../../../src/ml/model/weights.js';
import { ProgramCache } from '../../../src/ml/scoring/program-cache.js';
import { readAll, uploadAll } from '../../../src/ml/scoring/resident-weights.js';
import { TrainingWeights } from '../../../src/ml/training/training-weights.js';
import { WordTable } from '../../../src/ml/training/word-table.js';
import { smallEncoder, smallModel } from '../../support/small-encoder.js';
import { cpuEngine } from '../engine/support.js';

const ids = (...data: number[]): HostTensor => ({
  shape: [2, data.length / 2],
  dtype: 'int32',
  data: Int32Array.from(data),
});

const spec: ModelSpec = {
  ...smallModel,
  encoder: { ...smallEncoder, vocabSize: 4_100, hiddenSize: 8, layers: 1, intermediateSize: 16, maxPositions: 8 },
  numericFeatures: ['a', 'b'],
};
const optimizer: OptimizerSettings = {
  learningRate: 1e-2,
  encoderShare: 1,
  weightDecay: 0.1,
  warmupSteps: 0,
  totalSteps: 10,
  schedule: 'cosine',
  clipNorm: 1,
};

function stateOf(given: ModelSpec): HostWeights {
  const weights = initialiseModel(given, initialiseEncoder(given.encoder, 1), 1);
  weights['head.delta.weight']!.data.fill(0.1);
  return { ...weights, ...initialOptimizerState(trainableShapes(given)) };
}

describe('the words of a batch', () => {
  const state = stateOf(spec);

  it('are places among rows of the table, each word in one', () => {
    const given = ids(7, 2_000, 7, 0, 3, 2_000);
    const { count, ids: words, tensors } = WordTable.of(spec, state)!.rowsOf(given);
    expect(count).toBe(512);
    expect(words).toEqual([7, 2_000, 0, 3]);
    expect(Array.from(tensors['tokenIds']!.data, (place) => words[place])).toEqual([...given.data]);
    expect(tensors[wordTable]!.shape).toEqual([512, 8]);
    expect(tensors[`adam.v.${wordTable}`]!.shape).toEqual([512, 8]);
    expect(tensors[wordTable]!.data.subarray(8, 16)).toEqual(state[wordTable]!.data.subarray(16_000, 16_008));
  });

  it('come back to where they were taken from, and to no other row', () => {
    const words = WordTable.of(spec, state)!;
    words.put([7, 2_000], { [wordTable]: new Float32Array(512 * 8).fill(5) });
    const changed = words.all[wordTable]!.data;
    expect([...changed.keys()].filter((i) => changed[i] !== state[wordTable]!.data[i])).toEqual(
      [7, 2_000].flatMap((id) => Array.from({ length: 8 }, (_, i) => id * 8 + i)),
    );
  });

  it('are not told apart where the vocabulary is small, or where words are not trained', () => {
    expect(WordTable.of({ ...spec, encoder: { ...spec.encoder, vocabSize: 4_096 } }, state)).toBeUndefined();
    expect(WordTable.of({ ...spec, strategy: 'HEAD' }, state)).toBeUndefined();
  });
});

describe('a training step on the words of a batch', () => {
  const engine = cpuEngine();
  afterAll(() => engine.dispose());
  const initial = stateOf(spec);
  const tokenIds = ids(700, 3, 701, 700, 9, 3);
  const batch: Record<string, HostTensor> = {
    tokenIds,
    tokenMask: { shape: [2, 3], dtype: 'float32', data: new Float32Array(6).fill(1) },
    numeric: { shape: [2, 2], dtype: 'float32', data: Float32Array.of(1, -1, 0.5, 2) },
    prior: { shape: [2, 2], dtype: 'float32', data: Float32Array.of(0, 1, -1, 0) },
    value: { shape: [2], dtype: 'float32', data: Float32Array.of(2, 0) },
    weight: { shape: [2], dtype: 'float32', data: Float32Array.of(1, 1) },
  };

  async function onAllWords(): Promise<HostWeights> {
    const { fn, inputs } = trainProgram(spec, { batch: 2, length: 3 }, optimizer);
    const program = await engine.compile(fn, inputs);
    const outputs = await program.run(uploadAll(engine, { ...initial, ...batch }));
    const { loss, ...state } = await readAll(engine, outputs);
    return { ...state, loss: loss! };
  }

  async function onItsWords(steps: number) {
    const programs = new ProgramCache<TrainingShape>(engine, (shape) => trainProgram(spec, shape, optimizer));
    const weights = new TrainingWeights(engine, spec, initial);
    const losses: number[] = [];
    for (let step = 0; step < steps; step++) losses.push(await weights.step(programs, batch));
    const inUse = await weights.use((state) => readAll(engine, state));
    const state = await weights.read();
    weights.dispose();
    await programs.dispose();
    return { losses, state, inUse };
  }

  const row = (weights: HostWeights, id: number) => Array.from(weights[wordTable]!.data.slice(id * 8, id * 8 + 8));

  it('is the step on all words for everything that has a gradient, and leaves the other words alone', async () => {
    const { loss, ...dense } = await onAllWords();
    const { losses, state: sparse } = await onItsWords(1);
    expect(losses[0]).toBeCloseTo(loss!.data[0]!, 6);
    expect(Object.keys(sparse).sort()).toEqual(Object.keys(initial).sort());
    for (const name of Object.keys(dense).filter((each) => !each.includes(wordTable))) {
      for (const [i, value] of sparse[name]!.data.entries()) expect(value).toBeCloseTo(dense[name]!.data[i]!, 5);
    }
    for (const id of tokenIds.data) {
      for (const [i, value] of row(sparse, id).entries()) expect(value).toBeCloseTo(row(dense, id)[i]!, 5);
      expect(row(sparse, id)).not.toEqual(row(initial, id));
    }
    expect(row(sparse, 1_050)).toEqual(row(initial, 1_050));
    // Weight decay moves it where the whole table is trained.
    expect(row(dense, 1_050)).not.toEqual(row(initial, 1_050));
  });

  it('goes on from the one before, and what is read is what is used', async () => {
    const { losses, state, inUse } = await onItsWords(5);
    expect(losses.at(-1)).toBeLessThan(losses[0]!);
    expect(Object.keys(initial).filter((name) => !(name in inUse))).toEqual([
      `adam.m.${wordTable}`,
      `adam.v.${wordTable}`,
    ]);
    for (const name of Object.keys(inUse)) expect(inUse[name]).toEqual(state[name]);
  });
});
