import { mean } from '../../math.js';
import { Random } from '../../random.js';
import type { Engine, EngineTensors, HostTensor, Program } from '../engine/engine.js';
import { initialOptimizerState } from '../model/adamw.js';
import { NUMBERS_WIDTH } from '../model/head.js';
import { numbersTrainProgram } from '../model/number-programs.js';
import type { ModelSpec } from '../model/spec.js';
import { type HostWeights, numbersHeadShapes } from '../model/weights.js';
import { columnTensor, labelledTensors } from '../scoring/batches.js';
import type { LabelledExample, TrainingExample } from '../scoring/example.js';
import { disposeAll, readAll, uploadAll } from '../scoring/resident-weights.js';
import { headBatchSize, headOptimizer, headStep } from './head-training.js';
import { NumbersLosses } from './numbers-losses.js';

const passes = 8;
const learningRate = 2e-3;
/** Share of each inner layer that a step goes without (Srivastava et al. 2014). */
const dropped = 0.3;

export interface NumbersInput {
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
 * Trains the head's part that reads numbers alone: recency, frequency and spend are learnt from every training row at
 * the price of a few steps of the whole model, which then learns what they leave open.
 * @returns weights after the pass with the lowest validation loss
 */
export async function trainOnNumbers(engine: Engine, input: NumbersInput): Promise<HostWeights> {
  const { spec, weights, training, validation, settings } = input;
  const names = Object.keys(numbersHeadShapes(spec));
  const initial = Object.fromEntries(names.map((name) => [name, weights[name]!]));
  const totalSteps = passes * Math.ceil(training.length / headBatchSize);
  const optimizer = headOptimizer(totalSteps, { learningRate, weightDecay: settings.weightDecay });
  const train = numbersTrainProgram(spec, headBatchSize, optimizer);
  const step = await engine.compile(train.fn, train.inputs);
  const losses = await NumbersLosses.create(engine, spec);
  const state = uploadAll(engine, { ...initial, ...initialOptimizerState(numbersHeadShapes(spec)) });
  try {
    let best: { loss: number; weights: HostWeights } | undefined;
    for (let pass = 0; pass < passes; pass++) {
      await trainPass(engine, step, state, input, pass);
      const reached = mean(await losses.of(state, validation));
      if (best && reached >= best.loss) continue;
      const head = Object.fromEntries(names.map((name) => [name, state[name]!]));
      best = { loss: reached, weights: await readAll(engine, head) };
    }
    return { ...weights, ...best!.weights };
  } finally {
    disposeAll(state);
    await step.dispose();
    await losses.dispose();
  }
}

async function trainPass(
  engine: Engine,
  step: Program,
  state: EngineTensors,
  { spec, training, settings, signal, onProgress }: NumbersInput,
  pass: number,
): Promise<void> {
  const order = training.map((_, index) => index);
  const random = new Random(`${settings.seed}/numbers/${pass}`);
  random.shuffle(order);
  for (let start = 0; start < order.length; start += headBatchSize) {
    signal?.throwIfAborted();
    const examples = order.slice(start, start + headBatchSize).map((index) => training[index]!);
    const tensors = {
      ...labelledTensors(examples, { batch: headBatchSize, features: spec.numericFeatures.length }),
      weight: columnTensor(
        examples.map((example) => example.weight),
        headBatchSize,
      ),
      dropout0: dropout(random),
      dropout1: dropout(random),
    };
    await headStep(engine, step, state, {}, tensors);
    if (start % (16 * headBatchSize) === 0) await onProgress((pass + start / order.length) / passes);
  }
}

function dropout(random: Random): HostTensor {
  const data = new Float32Array(headBatchSize * NUMBERS_WIDTH);
  for (let i = 0; i < data.length; i++) data[i] = random.uniform() < dropped ? 0 : 1 / (1 - dropped);
  return { shape: [headBatchSize, NUMBERS_WIDTH], dtype: 'float32', data };
}
