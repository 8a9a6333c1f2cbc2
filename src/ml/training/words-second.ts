import { closedAfter } from '../../closers.js';
import { Random } from '../../random.js';
import { slicesOf } from '../../slices.js';
import type { Engine, EngineTensors, HostTensor, Program } from '../engine/engine.js';
import { initialOptimizerState, zeros } from '../model/adamw.js';
import { allNamed } from '../model/layers.js';
import type { ModelSpec } from '../model/spec.js';
import { type HostWeights, numbersHeadShapes, wordEffectsShapes, wordEffectsTable } from '../model/weights.js';
import { wordsTrainProgram } from '../model/word-programs.js';
import { labelTensors, lengthBucket, numberTensors } from '../scoring/batches.js';
import type { LabelledExample, TrainingExample } from '../scoring/example.js';
import { disposeAll, uploadAll } from '../scoring/resident-weights.js';
import { movedByWords, wordShares } from '../scoring/word-effects.js';
import { padTokens } from '../text/tokenizer-batch.js';
import { headBatchSize, headOptimizer, headStep } from './head-training.js';
import { NumbersLosses } from './numbers-losses.js';
import { pairedGain } from './paired-gain.js';

/** Least number of steps, rounded up to whole passes over the rows. The problem is convex, so that it needs no early stopping. */
const steps = 400;
const learningRate = 3e-3;
/** Factor of the sum of squares in the loss of all rows together (ridge regression): effects of rare words are shrunk most. */
const ridge = 10;

interface WordsInput {
  readonly spec: ModelSpec;
  /** With the numbers' part of the head trained. */
  readonly weights: HostWeights;
  readonly training: readonly TrainingExample[];
  readonly validation: readonly LabelledExample[];
  readonly pad: number;
  readonly seed: number;
  readonly signal: AbortSignal | undefined;
  /** Share that is done. */
  readonly onProgress: (done: number) => Promise<void>;
}

/**
 * Learns how far each word piece of the narrative moves the prior (`movedByWords`), from every training row and as cheaply as
 * `trainOnNumbers`. What that has learnt stays as it is.
 * @returns null where there are no such words, or where they raise the loss on held-out customers by more than one standard error of
 *   the mean difference
 */
export async function trainWordEffects(engine: Engine, input: WordsInput): Promise<HostTensor | null> {
  const { spec, weights, training } = input;
  if (!training.some((example) => wordShares(example).some((share) => share > 0))) return null;
  const length = lengthBucket(training.reduce((most, { tokenIds }) => Math.max(most, tokenIds.length), 0));
  const penalty = ridge / training.length;
  const stepsAPass = Math.ceil(training.length / headBatchSize);
  const passes = Math.ceil(steps / stepsAPass);
  const optimizer = headOptimizer(passes * stepsAPass, { learningRate, weightDecay: 0 });
  const { fn, inputs } = wordsTrainProgram(spec, { batch: headBatchSize, length }, optimizer, penalty);
  const shapes = wordEffectsShapes(spec);
  const table = zeros(shapes[wordEffectsTable]!);
  return closedAfter(async (opened) => {
    const numbers = uploadAll(engine, allNamed(weights, Object.keys(numbersHeadShapes(spec))));
    opened.push(async () => disposeAll(numbers));
    const state = uploadAll(engine, { [wordEffectsTable]: table, ...initialOptimizerState(shapes) });
    opened.push(async () => disposeAll(state));
    const step = await engine.compile(fn, inputs);
    opened.push(() => step.dispose());
    for (let pass = 0; pass < passes; pass++) {
      await trainPass(engine, step, { numbers, state, length }, input, pass);
      await input.onProgress((pass + 1) / passes);
    }
    const learnt = { ...table, data: await engine.read(state[wordEffectsTable]!) };
    return (await harms(engine, numbers, learnt, input)) ? null : learnt;
  });
}

interface Trained {
  readonly numbers: EngineTensors;
  /** Replaced step by step. */
  readonly state: EngineTensors;
  readonly length: number;
}

async function trainPass(
  engine: Engine,
  step: Program,
  { numbers, state, length }: Trained,
  input: WordsInput,
  pass: number,
): Promise<void> {
  const { spec, training, pad, seed, signal } = input;
  const shuffled = new Random(`${seed}/words/${pass}`).shuffle([...training]);
  for (const rows of slicesOf(shuffled, headBatchSize)) {
    signal?.throwIfAborted();
    const tokenIds = rows.map((row) => row.tokenIds);
    const batch = {
      ...numberTensors(rows, { batch: headBatchSize, features: spec.numericFeatures.length }),
      ...labelTensors(rows, headBatchSize),
      tokenIds: padTokens(tokenIds, { batch: headBatchSize, length, pad }).tokenIds,
      tokenShares: sharesTensor(rows, length),
    };
    await headStep(engine, step, state, numbers, batch);
  }
}

async function harms(
  engine: Engine,
  numbers: EngineTensors,
  table: HostTensor,
  { spec, validation }: WordsInput,
): Promise<boolean> {
  const losses = await NumbersLosses.create(engine, spec);
  try {
    const without = await losses.of(numbers, validation);
    const moved = validation.map((example) => movedByWords(example, table));
    const gain = pairedGain(without, await losses.of(numbers, moved));
    return gain.mean < -gain.standardError;
  } finally {
    await losses.dispose();
  }
}

function sharesTensor(rows: readonly TrainingExample[], length: number): HostTensor {
  const data = new Float32Array(headBatchSize * length);
  for (const [row, example] of rows.entries()) data.set(wordShares(example), row * length);
  return { shape: [headBatchSize, length], dtype: 'float32', data };
}
