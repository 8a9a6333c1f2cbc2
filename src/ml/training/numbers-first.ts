import { closedAfter } from '../../closers.js';
import { mean } from '../../math.js';
import { Random } from '../../random.js';
import { slicesOf } from '../../slices.js';
import type { Engine, EngineTensors, HostTensor, Program } from '../engine/engine.js';
import { initialOptimizerState } from '../model/adamw.js';
import { numbersWidth } from '../model/head.js';
import { allNamed } from '../model/layers.js';
import { numbersTrainProgram } from '../model/number-programs.js';
import type { ModelSpec } from '../model/spec.js';
import { averageOfNetworks } from '../model/numbers-networks.js';
import { type HostWeights, initialiseNumbers, numbersHeadShapes } from '../model/weights.js';
import { labelTensors, numberTensors } from '../scoring/batches.js';
import type { LabelledExample, TrainingExample } from '../scoring/example.js';
import { disposeAll, readAll, uploadAll, withUploaded } from '../scoring/resident-weights.js';
import { headBatchSize, headOptimizer, headStep } from './head-training.js';
import { NumbersLosses } from './numbers-losses.js';
import { WeightAverage } from './weight-average.js';

/** Both are reached: few rows are read in more passes. */
const leastPasses = 8;
const leastSteps = 2_000;
const learningRate = 2e-3;
/** Memory of the average of the weights, which is what is validated and kept; a pass over 13,000 rows. */
const memorySteps = 50;
/** Steps without a lower loss on held-out customers after which training stops. */
const patienceSteps = 500;
const stepsAReport = 16;
/** Dropout of the inner layers (Srivastava et al. 2014). */
const dropped = 0.3;

interface NumbersInput {
  readonly spec: ModelSpec;
  readonly weights: HostWeights;
  readonly training: readonly TrainingExample[];
  readonly validation: readonly LabelledExample[];
  readonly settings: { readonly weightDecay: number; readonly seed: number };
  readonly signal: AbortSignal | undefined;
  /** Share that is done. */
  readonly onProgress: (done: number) => Promise<void>;
}

/**
 * Trains the part of the head that reads numbers alone, on every training row, at the cost of a few steps of the whole model. The whole
 * model then learns what recency, frequency and spend leave open.
 * @returns `weights` with those of this part: of each network, the averaged weights after the pass with the lowest validation loss
 */
export async function trainOnNumbers(engine: Engine, input: NumbersInput): Promise<HostWeights> {
  const { numbersNetworks = 1, ...spec } = input.spec;
  const networks: HostWeights[] = [];
  for (let i = 0; i < numbersNetworks; i++) {
    const onProgress = (done: number): Promise<void> => input.onProgress((i + done) / numbersNetworks);
    const seed = `${input.settings.seed}/numbers/${i}`;
    networks.push(await trainNetwork(engine, { ...input, spec, seed, onProgress }));
  }
  return { ...input.weights, ...averageOfNetworks(input.spec, networks) };
}

interface NetworkInput extends NumbersInput {
  readonly seed: string;
}

async function trainNetwork(engine: Engine, input: NetworkInput): Promise<HostWeights> {
  const { spec, training, validation, settings, seed, onProgress } = input;
  const shapes = numbersHeadShapes(spec);
  const names = Object.keys(shapes);
  const initial = initialiseNumbers(spec, seed);
  const stepsAPass = Math.ceil(training.length / headBatchSize);
  const passes = Math.max(leastPasses, Math.ceil(leastSteps / stepsAPass));
  const totalSteps = passes * stepsAPass;
  const optimizer = headOptimizer(totalSteps, { learningRate, weightDecay: settings.weightDecay });
  const train = numbersTrainProgram(spec, headBatchSize, optimizer);
  return closedAfter(async (opened) => {
    const step = await engine.compile(train.fn, train.inputs);
    opened.push(() => step.dispose());
    const losses = await NumbersLosses.create(engine, spec);
    opened.push(() => losses.dispose());
    const state = uploadAll(engine, { ...initial, ...initialOptimizerState(shapes) });
    opened.push(async () => disposeAll(state));
    const average = new WeightAverage(memorySteps);
    let best: { loss: number; steps: number; weights: HostWeights } | undefined;
    let steps = 0;
    for (let pass = 0; pass < passes; pass++) {
      for await (const _ of trainPass(engine, step, state, input, pass)) {
        average.add(await readAll(engine, allNamed(state, names)));
        if (steps++ % stepsAReport === 0) await onProgress(steps / totalSteps);
      }
      const averaged = average.value(initial);
      const loss = mean(await withUploaded(engine, averaged, (tensors) => losses.of(tensors, validation)));
      if (!best || loss < best.loss) best = { loss, steps, weights: averaged };
      else if (steps - best.steps >= patienceSteps) break;
    }
    return best!.weights;
  });
}

/** Yields after each step. */
async function* trainPass(
  engine: Engine,
  step: Program,
  state: EngineTensors,
  { spec, training, seed, signal }: NetworkInput,
  pass: number,
): AsyncGenerator<void> {
  const random = new Random(`${seed}/${pass}`);
  for (const examples of slicesOf(random.shuffle([...training]), headBatchSize)) {
    signal?.throwIfAborted();
    const tensors = {
      ...numberTensors(examples, { batch: headBatchSize, features: spec.numericFeatures.length }),
      ...labelTensors(examples, headBatchSize),
      dropout0: dropout(random),
      dropout1: dropout(random),
    };
    await headStep(engine, step, state, {}, tensors);
    yield;
  }
}

function dropout(random: Random): HostTensor {
  const data = new Float32Array(headBatchSize * numbersWidth);
  for (let i = 0; i < data.length; i++) data[i] = random.uniform() < dropped ? 0 : 1 / (1 - dropped);
  return { shape: [headBatchSize, numbersWidth], dtype: 'float32', data };
}
