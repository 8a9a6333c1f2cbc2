import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { EagerEngine } from '../../../src/ml/engine/eager-engine.js';
import type { Engine, EngineTensors, HostTensor, TensorData } from '../../../src/ml/engine/engine.js';
import { adamW, optimizerShapes } from '../../../src/ml/model/adamw.js';
import { mlmProgram } from '../../../scripts/pretrain/mlm-programs.js';
import { trainProgram, type ProgramDefinition } from '../../../src/ml/model/programs.js';
import type { EncoderSpec, ModelSpec } from '../../../src/ml/model/spec.js';
import { optimizer, tinyEncoder } from '../model/support.js';
import { cpuEngine, randomNumbers, type Inputs } from './support.js';

const steps = 20;
const encoder: EncoderSpec = { ...tinyEncoder, vocabSize: 50, hiddenSize: 16, intermediateSize: 32 };

const model = (changes: Partial<ModelSpec>): ModelSpec => ({
  encoder,
  numericFeatures: ['recency', 'frequency', 'monetary'],
  objective: 'ZILN',
  strategy: 'FULL',
  loraRank: 2,
  ...changes,
});

/** Two layers and a squared error, with nothing of the project's model in it. */
function mlp(): ProgramDefinition {
  const weights = { w1: [4, 8], b1: [8], w2: [8, 1] };
  const specs = { ...weights, ...optimizerShapes(weights), x: [16, 4], y: [16, 1] };
  return {
    inputs: Object.fromEntries(Object.entries(specs).map(([name, shape]) => [name, { shape, dtype: 'float32' }])),
    fn: (inputs) => {
      const loss = (w1: tf.Tensor, b1: tf.Tensor, w2: tf.Tensor): tf.Tensor =>
        tf.mean(tf.square(tf.sub(tf.matMul(tf.tanh(tf.add(tf.matMul(inputs['x']!, w1), b1)), w2), inputs['y']!)));
      const { value, grads } = tf.valueAndGrads(loss)([inputs['w1']!, inputs['b1']!, inputs['w2']!]);
      const gradients = { w1: grads[0]!, b1: grads[1]!, w2: grads[2]! };
      return { loss: value, ...adamW(optimizer, inputs, gradients) };
    },
  };
}

/** Some number for an input of that name: masks of ones, state of zeros, labels of which half are no purchase. */
function numberFor(name: string, random: number): number {
  if (name.startsWith('adam.')) return 0;
  if (name === 'maskedPositions') return Math.floor(random * 40);
  if (name === 'tokenIds' || name === 'maskedTargets') return Math.floor(random * encoder.vocabSize);
  if (name === 'value') return Math.max(0, random * 4 - 2);
  if (name === 'tokenMask' || name === 'weight' || name === 'maskedWeights') return 1;
  return name.endsWith('LayerNorm.weight') ? 1 : random - 0.5;
}

function inputsFor({ inputs }: ProgramDefinition): Inputs {
  const random = randomNumbers(3);
  const filled = Object.entries(inputs).map(([name, { shape, dtype }]): [string, HostTensor] => {
    const length = shape.reduce((a, b) => a * b, 1);
    const numbers = Array.from({ length }, () => numberFor(name, random()));
    return [name, { shape, dtype, data: dtype === 'int32' ? Int32Array.from(numbers) : Float32Array.from(numbers) }];
  });
  return Object.fromEntries(filled);
}

interface Outcome {
  readonly losses: number[];
  readonly state: Record<string, TensorData>;
}

async function train(engine: Engine, definition: ProgramDefinition): Promise<Outcome> {
  const program = await engine.compile(definition.fn, definition.inputs);
  const inputs = inputsFor(definition);
  const state: EngineTensors = {};
  for (const [name, tensor] of Object.entries(inputs)) state[name] = engine.upload(tensor);
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const { loss, ...next } = await program.run(state);
    losses.push((await engine.read(loss!))[0]!);
    loss!.dispose();
    for (const [name, tensor] of Object.entries(next)) {
      state[name]?.dispose();
      state[name] = tensor;
    }
  }
  const read: Record<string, TensorData> = {};
  for (const [name, tensor] of Object.entries(state)) read[name] = await engine.read(tensor);
  return { losses, state: read };
}

/**
 * Softmax does not notice a bias of the keys, whose gradient is therefore rounding noise; AdamW divides it by its own
 * size and takes full steps in the noise's direction.
 */
function isArbitrary(name: string): boolean {
  return name.endsWith('self.key.bias');
}

/** Largest difference, relative to the largest expected number. */
function largestRelative(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [difference, size] = [0, 1e-3];
  for (let i = 0; i < expected.length; i++) {
    difference = Math.max(difference, Math.abs(actual[i]! - expected[i]!));
    size = Math.max(size, Math.abs(expected[i]!));
  }
  return difference / size;
}

describe.each([
  ['a multilayer perceptron', mlp()],
  ['the transformer, full fine-tuning', trainProgram(model({}), { batch: 4, length: 10 }, optimizer)],
  [
    'the transformer, low-rank adapters',
    trainProgram(model({ strategy: 'LORA' }), { batch: 4, length: 10 }, optimizer),
  ],
  ['the transformer, squared error', trainProgram(model({ objective: 'MSE' }), { batch: 4, length: 10 }, optimizer)],
  ['masked language modelling', mlmProgram(encoder, { batch: 4, length: 10, masked: 6 }, optimizer)],
])('%s', (_name, definition) => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it('takes the same 20 AdamW steps traced as operation by operation', async () => {
    const engine = cpuEngine();
    const traced = await train(engine, definition);
    const eager = await train(new EagerEngine('cpu', 'TensorFlow.js CPU backend'), definition);
    await engine.dispose();
    expect(largestRelative(traced.losses, eager.losses)).toBeLessThan(1e-5);
    for (const name of Object.keys(eager.state).filter((key) => !key.startsWith('adam.') && !isArbitrary(key))) {
      expect(largestRelative(traced.state[name]!, eager.state[name]!), `weight ${name}`).toBeLessThan(5e-5);
    }
  });
});
