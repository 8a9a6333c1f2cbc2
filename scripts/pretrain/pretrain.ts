import type { Engine, EngineTensors, Program } from '../../src/ml/engine/engine.js';
import { initialOptimizerState, type OptimizerSettings } from '../../src/ml/model/adamw.js';
import { mlmLossProgram, mlmProgram, mlmShapes } from '../../src/ml/model/programs.js';
import type { EncoderSpec } from '../../src/ml/model/spec.js';
import { initialise, type HostWeights } from '../../src/ml/model/weights.js';
import type { Encoding, SpecialIds } from '../../src/ml/text/tokenizer.js';
import type { ProgressReporter } from '../../src/progress.js';
import { Random } from '../../src/random.js';
import { maskBatch, type MaskingShape } from './masking.js';

export interface PretrainSettings {
  readonly shape: MaskingShape;
  readonly steps: number;
  readonly learningRate: number;
  /** Stop after this many seconds at the latest; the schedule then ends early, on a rate that is not yet 0. */
  readonly seconds: number;
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

const CURVE_POINTS = 10;
const HELD_OUT_BATCHES = 8;

/**
 * Pretrains an encoder by masked language modelling.
 * @param corpus encodings no longer than the batch; the last `HELD_OUT_BATCHES` batches are held out
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
  const { shape, steps, seed } = settings;
  const shapes = mlmShapes(spec);
  const split = corpus.length - HELD_OUT_BATCHES * shape.batch;
  if (split < shape.batch) throw new RangeError(`${corpus.length} narratives are too few to pretrain on.`);
  const training = corpus.slice(0, split);
  const batchOf = (rows: readonly Encoding[], random: Random): EngineTensors =>
    upload(engine, maskBatch(rows, shape, special, spec.vocabSize, random));
  const heldOut = Array.from({ length: HELD_OUT_BATCHES }, (_, i) =>
    batchOf(corpus.slice(split + i * shape.batch, split + (i + 1) * shape.batch), new Random(`${seed}/held-out/${i}`)),
  );

  const step = await compile(engine, mlmProgram(spec, shape, optimizerOf(settings)));
  const evaluate = await compile(engine, mlmLossProgram(spec, shape));
  const state = upload(engine, {
    ...initialise(shapes, seed, () => 0.02),
    ...initialOptimizerState(shapes),
  });
  const random = new Random(`${seed}/batches`);
  const started = performance.now();
  const elapsed = (): number => (performance.now() - started) / 1000;
  const curve: CurvePoint[] = [];
  const every = Math.max(1, Math.floor(steps / CURVE_POINTS));
  let losses: number[] = [];
  for (let i = 1; i <= steps && elapsed() < settings.seconds; i++) {
    const rows = Array.from({ length: shape.batch }, () => training[random.integer(training.length)] as Encoding);
    losses.push(await trainOn(engine, step, state, batchOf(rows, random)));
    if (i === 1 || i % every === 0 || i === steps) {
      const heldOutLoss = await meanLoss(engine, evaluate, state, heldOut);
      curve.push({ step: i, seconds: elapsed(), trainLoss: mean(losses), heldOutLoss });
      losses = [];
      await progress.report(`step ${i}, held-out loss ${heldOutLoss.toFixed(3)}`, i / steps);
    }
  }
  return { weights: await download(engine, state, Object.keys(shapes)), curve };
}

function optimizerOf({ learningRate, steps }: PretrainSettings): OptimizerSettings {
  return {
    learningRate,
    weightDecay: 0.01,
    warmupSteps: Math.ceil(steps * 0.06),
    totalSteps: steps,
    schedule: 'linear',
    clipNorm: 1,
  };
}

async function compile(engine: Engine, { fn, inputs }: ReturnType<typeof mlmProgram>): Promise<Program> {
  return engine.compile(fn, inputs);
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

async function meanLoss(
  engine: Engine,
  program: Program,
  state: EngineTensors,
  batches: readonly EngineTensors[],
): Promise<number> {
  const weights = Object.fromEntries(Object.entries(state).filter(([name]) => !name.startsWith('adam.')));
  const losses: number[] = [];
  for (const batch of batches) {
    const { loss } = await program.run({ ...weights, ...batch });
    losses.push(await readScalar(engine, loss));
  }
  return mean(losses);
}

async function readScalar(engine: Engine, tensor: EngineTensors[string] | undefined): Promise<number> {
  if (!tensor) throw new RangeError('The program has no output loss.');
  const [value] = await engine.read(tensor);
  tensor.dispose();
  return value as number;
}

function upload(engine: Engine, tensors: HostWeights): EngineTensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, engine.upload(tensor)]));
}

async function download(engine: Engine, state: EngineTensors, names: readonly string[]): Promise<HostWeights> {
  const weights: HostWeights = {};
  for (const name of names) {
    const tensor = state[name];
    if (!tensor) throw new RangeError(`The state has no weight ${name}.`);
    weights[name] = { shape: tensor.shape, dtype: tensor.dtype, data: (await engine.read(tensor)).slice() };
  }
  return weights;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
