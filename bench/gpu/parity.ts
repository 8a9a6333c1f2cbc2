import { valueAndGrads, type Tensor } from '@tensorflow/tfjs-core';
import type { Engine, EngineTensors, TensorData } from '../../src/ml/engine/engine.js';
import { objectiveLoss } from '../../src/ml/model/losses.js';
import { predict } from '../../src/ml/model/model.js';
import { forwardProgram, trainProgram, type ProgramDefinition } from '../../src/ml/model/programs.js';
import type { ModelSpec } from '../../src/ml/model/spec.js';
import { trainableWeights, type HostWeights } from '../../src/ml/model/weights.js';
import { disposeAll, readAll, uploadAll } from '../../src/ml/scoring/resident-weights.js';
import { sampleBatch, sampleOptimizer, sampleState, sampleWeights, type Sample } from './sample.js';

const steps = 20;
/** What the two engines may differ by, relative to the largest number of a tensor. */
export const tolerance = 1e-3;
/** Numbers below this share of one are rounding noise, not a measure to compare with. */
const smallestScale = 1e-3;

/** The largest difference between two engines, relative to the largest number of the tensor that it is in. */
export interface Parity {
  /** Of the model's outputs. */
  readonly forward: number;
  /** Of the loss and of its gradient by every trained weight that has one. */
  readonly gradients: number;
  /** Of 20 losses and of every weight after these 20 AdamW steps. */
  readonly training: number;
}

/** Runs the whole model on both engines, in turn. */
export async function parityOf(engine: Engine, reference: Engine, sample: Sample): Promise<Parity> {
  const inputs = { ...sampleWeights(sample.spec), ...sampleState(sample.spec), ...sampleBatch(sample) };
  const forward = forwardProgram(sample.spec, sample);
  const gradients = gradientProgram(sample);
  const training = trainProgram(sample.spec, sample, sampleOptimizer);
  const onBoth = async (compute: (engine: Engine) => Promise<HostWeights>): Promise<number> =>
    largestDifference(await compute(engine), await compute(reference));
  return {
    forward: await onBoth((one) => runOnce(one, forward, inputs)),
    gradients: await onBoth((one) => runOnce(one, gradients, inputs)),
    training: await onBoth((one) => train(one, training, inputs)),
  };
}

/** The loss and its gradient by every trained weight, under the weight's name. Inputs as `trainProgram`, less the state. */
function gradientProgram({ spec, ...shape }: Sample): ProgramDefinition {
  const names = trainableWeights(spec);
  const { inputs } = trainProgram(spec, shape, sampleOptimizer);
  return {
    inputs: Object.fromEntries(Object.entries(inputs).filter(([name]) => !name.startsWith('adam.'))),
    fn: (given) => {
      const loss = (...values: Tensor[]): Tensor =>
        lossOf(spec, { ...given, ...Object.fromEntries(names.map((name, i) => [name, values[i]!])) });
      const { value, grads } = valueAndGrads(loss)(names.map((name) => given[name]!));
      return { loss: value, ...Object.fromEntries(names.map((name, i) => [name, grads[i]!])) };
    },
  };
}

function lossOf(spec: ModelSpec, given: Record<string, Tensor>): Tensor {
  const { tokenIds, tokenMask, numeric, prior, value, weight } = given;
  const output = predict(given, spec, {
    tokenIds: tokenIds!,
    tokenMask: tokenMask!,
    numeric: numeric!,
    prior: prior!,
  });
  return objectiveLoss(spec, output, value!, weight!);
}

async function runOnce(
  engine: Engine,
  { fn, inputs: specs }: ProgramDefinition,
  inputs: HostWeights,
): Promise<HostWeights> {
  const program = await engine.compile(fn, specs);
  const tensors = upload(engine, specs, inputs);
  const outputs = await program.run(tensors);
  const numbers = await readAll(engine, outputs);
  disposeAll(tensors);
  disposeAll(outputs);
  await program.dispose();
  return numbers;
}

async function train(
  engine: Engine,
  { fn, inputs: specs }: ProgramDefinition,
  inputs: HostWeights,
): Promise<HostWeights> {
  const program = await engine.compile(fn, specs);
  const state = upload(engine, specs, inputs);
  const losses = new Float32Array(steps);
  for (let step = 0; step < steps; step++) {
    const { loss, ...next } = await program.run(state);
    losses[step] = (await engine.read(loss!))[0]!;
    loss!.dispose();
    for (const [name, tensor] of Object.entries(next)) {
      state[name]!.dispose();
      state[name] = tensor;
    }
  }
  const numbers = {
    ...(await readAll(engine, state)),
    losses: { shape: [steps], dtype: 'float32', data: losses } as const,
  };
  disposeAll(state);
  await program.dispose();
  return numbers;
}

/**
 * Moments are judged by the weights that they move. Softmax does not notice a bias of the keys: its gradient is
 * nought but for rounding noise, which AdamW divides by its own size and follows in full steps.
 */
function isCompared(name: string): boolean {
  return !name.startsWith('adam.') && !name.endsWith('self.key.bias');
}

function upload(engine: Engine, specs: ProgramDefinition['inputs'], inputs: HostWeights): EngineTensors {
  return uploadAll(engine, Object.fromEntries(Object.keys(specs).map((name) => [name, inputs[name]!])));
}

function largestDifference(actual: HostWeights, expected: HostWeights): number {
  const compared = Object.entries(expected).filter(([name]) => isCompared(name));
  return Math.max(...compared.map(([name, { data }]) => relativeDifference(actual[name]!.data, data)));
}

/** NaN where a number is not one, so that no comparison passes. */
function relativeDifference(actual: TensorData, expected: TensorData): number {
  let [difference, scale] = [0, smallestScale];
  for (const [i, number] of expected.entries()) {
    difference = Math.max(difference, Math.abs(actual[i]! - number));
    scale = Math.max(scale, Math.abs(number));
  }
  return difference / scale;
}
