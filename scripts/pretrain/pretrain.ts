import type { Engine, EngineTensors, Program } from '../../src/ml/engine/engine.js';
import { mean } from '../../src/math.js';
import { initialOptimizerState, type OptimizerSettings } from '../../src/ml/model/adamw.js';
import { mlmLossProgram, mlmProgram, mlmShapes, type MlmShape } from './mlm-programs.js';
import type { EncoderSpec } from '../../src/ml/model/spec.js';
import { initialise, type HostWeights } from '../../src/ml/model/weights.js';
import { uploadAll } from '../../src/ml/scoring/resident-weights.js';
import type { Encoding, SpecialIds } from '../../src/ml/text/tokenizer.js';
import type { ProgressReporter } from '../../src/progress.js';
import { Random } from '../../src/random.js';
import { maskBatch, mlmShape } from './masking.js';

interface PretrainSettings {
  readonly batch: number;
  /** Ascending. A narrative goes into batches of the shortest length that holds it; the longest must hold all. */
  readonly lengths: readonly number[];
  readonly steps: number;
  readonly learningRate: number;
  readonly seed: number;
}

export interface CurvePoint {
  readonly step: number;
  readonly seconds: number;
  /** Mean loss of the training batches since the last point, nats a masked piece. */
  readonly trainLoss: number;
  /** On narratives that training does not see, always masked alike. */
  readonly heldOutLoss: number;
}

const curvePoints = 12;
const heldOutBatches = 4;

/** Narratives of about one length, and what runs on them. */
interface Bucket {
  readonly shape: MlmShape;
  readonly training: readonly Encoding[];
  readonly heldOut: readonly EngineTensors[];
  readonly step: Program;
  readonly evaluate: Program;
}

/**
 * Pretrains an encoder by masked language modelling.
 * @param corpus in random order; a few batches of each length are held out
 * @returns the weights of `mlmShapes(spec)` and the loss curve
 */
export async function pretrain(
  engine: Engine,
  spec: EncoderSpec,
  corpus: readonly Encoding[],
  special: SpecialIds,
  settings: PretrainSettings,
  progress: ProgressReporter,
): Promise<{ weights: HostWeights; curve: CurvePoint[] }> {
  const { steps, seed } = settings;
  const shapes = mlmShapes(spec);
  const buckets: Bucket[] = [];
  for (const [i, length] of settings.lengths.entries()) {
    const shortest = settings.lengths[i - 1] ?? 0;
    const rows = corpus.filter(({ ids }) => ids.length > shortest && ids.length <= length);
    if (rows.length > 2 * heldOutBatches * settings.batch) {
      buckets.push(await bucketOf(engine, spec, rows, special, settings, length));
    }
  }
  if (buckets.length === 0) throw new RangeError(`${corpus.length} narratives are too few to pretrain on.`);

  const state = uploadAll(engine, { ...initialise(shapes, seed, () => 0.02), ...initialOptimizerState(shapes) });
  const random = new Random(`${seed}/batches`);
  const sizes = buckets.map(({ training }) => training.length);
  const started = performance.now();
  const curve: CurvePoint[] = [];
  let losses: number[] = [];
  for (let i = 1; i <= steps; i++) {
    const { shape, training, step } = random.pick(buckets, sizes);
    const rows = Array.from({ length: shape.batch }, () => random.pick(training));
    const batch = uploadAll(engine, maskBatch(rows, shape, special, spec.vocabSize, random));
    losses.push(await trainOn(engine, step, state, batch));
    if (i === 1 || i % Math.ceil(steps / curvePoints) === 0 || i === steps) {
      const heldOutLoss = await meanLoss(engine, buckets, state);
      curve.push({ step: i, seconds: (performance.now() - started) / 1000, trainLoss: mean(losses), heldOutLoss });
      losses = [];
      await progress.report(`step ${i}, held-out loss ${heldOutLoss.toFixed(3)}`, i / steps);
    }
  }
  return { weights: await download(engine, state, Object.keys(shapes)), curve };
}

async function bucketOf(
  engine: Engine,
  spec: EncoderSpec,
  rows: readonly Encoding[],
  special: SpecialIds,
  settings: PretrainSettings,
  length: number,
): Promise<Bucket> {
  const shape = mlmShape(settings.batch, length);
  const step = mlmProgram(spec, shape, optimizerOf(settings));
  const evaluate = mlmLossProgram(spec, shape);
  return {
    shape,
    training: rows.slice(heldOutBatches * shape.batch),
    heldOut: Array.from({ length: heldOutBatches }, (_, i) => {
      const random = new Random(`${settings.seed}/held-out/${length}/${i}`);
      const batch = rows.slice(i * shape.batch, (i + 1) * shape.batch);
      return uploadAll(engine, maskBatch(batch, shape, special, spec.vocabSize, random));
    }),
    step: await engine.compile(step.fn, step.inputs),
    evaluate: await engine.compile(evaluate.fn, evaluate.inputs),
  };
}

function optimizerOf({ learningRate, steps }: PretrainSettings): OptimizerSettings {
  return {
    learningRate,
    weightDecay: 0.01,
    warmupSteps: Math.ceil(steps * 0.06),
    totalSteps: steps,
    schedule: 'linear',
    encoderShare: 1,
    clipNorm: 1,
  };
}

/** One step; replaces the tensors in `state`, consumes the batch, returns the loss. */
async function trainOn(engine: Engine, program: Program, state: EngineTensors, batch: EngineTensors): Promise<number> {
  const { loss, ...next } = await program.run({ ...state, ...batch });
  for (const [name, tensor] of Object.entries(next)) {
    state[name]?.dispose();
    state[name] = tensor;
  }
  for (const tensor of Object.values(batch)) tensor.dispose();
  return readScalar(engine, loss);
}

/** Mean held-out loss, every length weighing as much as it has narratives. */
async function meanLoss(engine: Engine, buckets: readonly Bucket[], state: EngineTensors): Promise<number> {
  const weights = Object.fromEntries(Object.entries(state).filter(([name]) => !name.startsWith('adam.')));
  const rows = buckets.reduce((sum, { training }) => sum + training.length, 0);
  let total = 0;
  for (const { heldOut, evaluate, training } of buckets) {
    const losses: number[] = [];
    for (const batch of heldOut) {
      const { loss } = await evaluate.run({ ...weights, ...batch });
      losses.push(await readScalar(engine, loss));
    }
    total += (mean(losses) * training.length) / rows;
  }
  return total;
}

async function readScalar(engine: Engine, tensor: EngineTensors[string] | undefined): Promise<number> {
  if (!tensor) throw new RangeError('The program has no output loss.');
  const [value] = await engine.read(tensor);
  tensor.dispose();
  return value as number;
}

async function download(engine: Engine, state: EngineTensors, names: readonly string[]): Promise<HostWeights> {
  const weights: HostWeights = {};
  for (const name of names) {
    const tensor = state[name];
    if (!tensor) throw new RangeError(`The state has no weight ${name}.`);
    weights[name] = { shape: tensor.shape, dtype: tensor.dtype, data: await engine.read(tensor) };
  }
  return weights;
}
