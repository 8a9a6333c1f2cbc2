import type { Engine, EngineTensors, HostTensor, TensorFunction } from '../../../src/ml/engine/engine.js';
import { sizeOf } from '../../../src/ml/engine/shapes.js';
import { initialOptimizerState, type OptimizerSettings } from '../../../src/ml/model/adamw.js';
import { embed, encode, wordEmbeddings } from '../../../src/ml/model/encoder.js';
import { named } from '../../../src/ml/model/layers.js';
import { trainableShapes, trainProgram, type ProgramDefinition } from '../../../src/ml/model/programs.js';
import type { EncoderSpec, ModelSpec } from '../../../src/ml/model/spec.js';
import { initialiseEncoder, initialiseModel, type HostWeights } from '../../../src/ml/model/weights.js';
import { uploadAll } from '../../../src/ml/scoring/resident-weights.js';
import { Random } from '../../../src/random.js';
import { cpuEngine } from '../engine/support.js';

export const tinyEncoder: EncoderSpec = {
  modelType: 'bert',
  vocabSize: 40,
  hiddenSize: 8,
  layers: 2,
  heads: 2,
  intermediateSize: 12,
  maxPositions: 16,
  positionOffset: 0,
  typeVocabSize: 2,
  layerNormEps: 1e-12,
  activation: 'gelu',
  padTokenId: 0,
};

/** Of the same sizes. */
export const tinyGpt2: EncoderSpec = {
  ...tinyEncoder,
  modelType: 'gpt2',
  typeVocabSize: 0,
  layerNormEps: 1e-5,
  activation: 'gelu_tanh',
};

export const tinyModel: ModelSpec = {
  encoder: tinyEncoder,
  numericFeatures: ['recency', 'frequency', 'spend'],
  objective: 'ZILN',
  classBounds: [0.5, 2],
  classMeans: [0, 1, 4],
  strategy: 'FULL',
  loraRank: 2,
};

export const tinyShape = { batch: 4, length: 6 };

export const optimizer: OptimizerSettings = {
  learningRate: 1e-3,
  encoderShare: 1,
  weightDecay: 0.01,
  warmupSteps: 5,
  totalSteps: 40,
  schedule: 'cosine',
  clipNorm: 1,
};

/** A labelled batch; the second text is padded, the last row has no weight. */
export function tinyBatch(seed = 1): HostWeights {
  const random = new Random(`batch/${seed}`);
  const { batch, length } = tinyShape;
  const normals = (...shape: number[]): HostTensor => float32(shape, () => random.normal());
  const tokenMask = float32([batch, length], () => 1);
  tokenMask.data.fill(0, length + 3, 2 * length);
  return {
    tokenIds: int32([batch, length], () => 1 + random.integer(tinyEncoder.vocabSize - 1)),
    tokenMask,
    numeric: normals(batch, tinyModel.numericFeatures.length),
    prior: normals(batch, 2),
    value: { shape: [batch], dtype: 'float32', data: Float32Array.of(0, 1.5, 4, -2) },
    weight: { shape: [batch], dtype: 'float32', data: Float32Array.of(1, 2, 0.5, 0) },
  };
}

/** Weights as initialised. */
export function freshWeights(spec: ModelSpec = tinyModel): HostWeights {
  return initialiseModel(spec, initialiseEncoder(spec.encoder, 1), 2);
}

/** Weights of a model that has learnt something: none is 0, so that every path counts. */
export function randomWeights(spec: ModelSpec = tinyModel): HostWeights {
  const random = new Random('weights');
  return Object.fromEntries(
    Object.entries(freshWeights(spec)).map(([name, { shape }]) => [
      name,
      float32(shape, () => (name.endsWith('LayerNorm.weight') ? 1 : 0) + random.normal(0, 0.3)),
    ]),
  );
}

export function float32(shape: readonly number[], at: (i: number) => number): HostTensor {
  return { shape, dtype: 'float32', data: Float32Array.from({ length: sizeOf(shape) }, (_, i) => at(i)) };
}

export function int32(shape: readonly number[], at: (i: number) => number): HostTensor {
  return { shape, dtype: 'int32', data: Int32Array.from({ length: sizeOf(shape) }, (_, i) => at(i)) };
}

/** Compiles, runs once, reads everything. Inputs that the program does not take are left out. */
export async function run(
  engine: Engine,
  { fn, inputs }: ProgramDefinition,
  tensors: HostWeights,
): Promise<Record<string, number[]>> {
  const program = await engine.compile(fn, inputs);
  const outputs = await program.run(uploadAll(engine, pick(tensors, Object.keys(inputs))));
  const numbers = await readAll(engine, outputs);
  await program.dispose();
  return numbers;
}

/** `last_hidden_state` of the encoder [B, L, H], as one list. @param inputs its weights, `tokenIds` and `tokenMask` */
export async function hiddenStates(spec: EncoderSpec, inputs: HostWeights): Promise<number[]> {
  const fn: TensorFunction = (tensors) => {
    const words = wordEmbeddings(tensors, named(tensors, 'tokenIds'));
    return { hidden: encode(tensors, spec, { x: embed(tensors, spec, words), mask: named(tensors, 'tokenMask') }) };
  };
  const { hidden } = await run(cpuEngine(), { fn, inputs }, inputs);
  return hidden!;
}

/** Trains for some steps on one batch. Returns every loss and the last state, weights included. */
export async function train(
  engine: Engine,
  spec: ModelSpec,
  weights: HostWeights,
  steps: number,
): Promise<{ losses: number[]; state: Record<string, number[]> }> {
  const { fn, inputs } = trainProgram(spec, tinyShape, optimizer);
  return iterate(engine, { fn, inputs }, { ...weights, ...initialOptimizerState(trainableShapes(spec)) }, steps);
}

/** Runs a training program over and over on one batch (`tinyBatch`, or what `start` holds of the same names). */
export async function iterate(
  engine: Engine,
  { fn, inputs }: ProgramDefinition,
  start: HostWeights,
  steps: number,
): Promise<{ losses: number[]; state: Record<string, number[]> }> {
  const program = await engine.compile(fn, inputs);
  const state = uploadAll(engine, pick({ ...tinyBatch(), ...start }, Object.keys(inputs)));
  const losses: number[] = [];
  for (let i = 0; i < steps; i++) {
    const { loss, ...next } = await program.run(state);
    if (!loss) throw new Error('There is no loss.');
    losses.push((await engine.read(loss))[0] as number);
    Object.assign(state, next);
  }
  await program.dispose();
  return { losses, state: await readAll(engine, state) };
}

async function readAll(engine: Engine, tensors: EngineTensors): Promise<Record<string, number[]>> {
  const numbers: Record<string, number[]> = {};
  for (const [name, tensor] of Object.entries(tensors)) numbers[name] = Array.from(await engine.read(tensor));
  return numbers;
}

function pick(tensors: HostWeights, names: readonly string[]): HostWeights {
  return Object.fromEntries(names.map((name) => [name, tensors[name] as HostTensor]));
}
