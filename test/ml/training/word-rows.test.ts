import { afterAll, describe, expect, it } from 'vitest';
import type { EngineTensors, HostTensor } from '../../../src/ml/engine/engine.js';
import { initialOptimizerState, type OptimizerSettings } from '../../../src/ml/model/adamw.js';
import { trainableShapes, trainProgram } from '../../../src/ml/model/programs.js';
import type { ModelSpec } from '../../../src/ml/model/spec.js';
import { initialiseEncoder, initialiseModel } from '../../../src/ml/model/weights.js';
import { readAll, uploadAll } from '../../../src/ml/scoring/resident-weights.js';
import { wordRows } from '../../../src/ml/training/word-rows.js';
import { cpuEngine } from '../engine/support.js';

const ids = (...data: number[]): HostTensor => ({
  shape: [2, data.length / 2],
  dtype: 'int32',
  data: Int32Array.from(data),
});

describe('the words of a batch', () => {
  it('are places in a list of different words', () => {
    const given = ids(7, 2_000, 7, 0, 3, 2_000);
    const { tokenIds, wordRows: rows } = wordRows(given, 30_000);
    expect(rows!.shape).toEqual([512]);
    expect(new Set(rows!.data).size).toBe(512);
    expect(Math.max(...rows!.data)).toBeLessThan(30_000);
    expect(Array.from(tokenIds.data, (place) => rows!.data[place])).toEqual([...given.data]);
  });

  it('have no list where the whole vocabulary is not much longer', () => {
    const given = ids(1, 2);
    expect(wordRows(given, 8_192)).toEqual({ tokenIds: given });
    expect(wordRows(given, 8_193).wordRows).toBeDefined();
  });
});

const spec: ModelSpec = {
  encoder: {
    modelType: 'bert',
    vocabSize: 8_200,
    hiddenSize: 8,
    layers: 1,
    heads: 2,
    intermediateSize: 16,
    maxPositions: 8,
    positionOffset: 0,
    typeVocabSize: 2,
    layerNormEps: 1e-12,
    activation: 'gelu',
    padTokenId: 0,
  },
  numericFeatures: ['a', 'b'],
  objective: 'ZILN',
  strategy: 'FULL',
  loraRank: 4,
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
const table = 'embeddings.word_embeddings.weight';

describe('a training step on the words of a batch', () => {
  const engine = cpuEngine();
  afterAll(() => engine.dispose());
  const initial = initialiseModel(spec, initialiseEncoder(spec.encoder, 1), 1);
  initial['head.delta.weight']!.data.fill(0.1);
  const batch = {
    tokenMask: { shape: [2, 3], dtype: 'float32', data: new Float32Array(6).fill(1) },
    numeric: { shape: [2, 2], dtype: 'float32', data: Float32Array.of(1, -1, 0.5, 2) },
    prior: { shape: [2, 2], dtype: 'float32', data: Float32Array.of(0, 1, -1, 0) },
    value: { shape: [2], dtype: 'float32', data: Float32Array.of(2, 0) },
    weight: { shape: [2], dtype: 'float32', data: Float32Array.of(1, 1) },
  } as const;
  const tokenIds = ids(700, 3, 701, 700, 9, 3);

  async function afterOneStep(words: Record<string, HostTensor>) {
    const shape = { batch: 2, length: 3, words: words['wordRows']?.shape[0] };
    const { fn, inputs } = trainProgram(spec, shape, optimizer);
    const program = await engine.compile(fn, inputs);
    const state = { ...initial, ...initialOptimizerState(trainableShapes(spec)) };
    const outputs: EngineTensors = await program.run(uploadAll(engine, { ...state, ...batch, ...words }));
    return readAll(engine, outputs);
  }

  it('is the step on all words for everything that has a gradient, and leaves the other words alone', async () => {
    const dense = await afterOneStep({ tokenIds });
    const sparse = await afterOneStep(wordRows(tokenIds, spec.encoder.vocabSize));
    expect(Object.keys(sparse).sort()).toEqual(Object.keys(dense).sort());
    for (const name of Object.keys(dense).filter((each) => !each.includes(table))) {
      for (const [i, value] of sparse[name]!.data.entries()) expect(value).toBeCloseTo(dense[name]!.data[i]!, 5);
    }
    const row = (weights: typeof dense, id: number) => Array.from(weights[table]!.data.slice(id * 8, id * 8 + 8));
    for (const id of tokenIds.data) {
      for (const [i, value] of row(sparse, id).entries()) expect(value).toBeCloseTo(row(dense, id)[i]!, 5);
      expect(row(sparse, id)).not.toEqual(row(initial, id));
    }
    expect(row(sparse, 1_050)).toEqual(row(initial, 1_050));
    // Weight decay moves it where the whole table is trained.
    expect(row(dense, 1_050)).not.toEqual(row(initial, 1_050));
  });
});
