import { mean } from '../../math.js';
import { type JobHooks, type ProgressReporter, silentProgress } from '../../progress.js';
import { Random } from '../../random.js';
import type { Engine, HostTensor } from '../engine/engine.js';
import type { OptimizerSettings } from '../model/adamw.js';
import { evaluationProgram, trainProgram, type TrainingShape } from '../model/programs.js';
import type { ModelSpec } from '../model/spec.js';
import { type HostWeights, wordEffectsTable } from '../model/weights.js';
import { batchTensors, labelTensors } from '../scoring/batches.js';
import type { LabelledExample, TrainingExample } from '../scoring/example.js';
import { ProgramCache } from '../scoring/program-cache.js';
import { movedByWords } from '../scoring/word-effects.js';
import { epochBatches, maskSpans, type TrainingBatch } from './epoch-batches.js';
import { epochRows } from './epoch-rows.js';
import { trainOnNumbers } from './numbers-first.js';
import { pairedGain } from './paired-gain.js';
import { TrainingWeights } from './training-weights.js';
import { validationLosses } from './validation-losses.js';
import { trainWordEffects } from './words-second.js';

interface FineTuneSettings {
  /** Epochs of the whole model, which come after those of the head on numbers alone. */
  readonly epochs: number;
  /** Training rows that an epoch of the whole model reads at most; the numbers' training reads all. */
  readonly rowsPerEpoch: number;
  readonly batchSize: number;
  /** Peak, see `OptimizerSettings.learningRate`. */
  readonly learningRate: number;
  /** See `OptimizerSettings.encoderShare`. */
  readonly encoderShare: number;
  readonly weightDecay: number;
  /** Share of all steps over which the learning rate climbs. */
  readonly warmupShare: number;
  /** Epochs without a better validation loss after which training stops. */
  readonly patience: number;
  /** Probability that a group's words are masked in a training example. */
  readonly spanMasking: number;
  readonly seed: number;
}

export interface EpochRecord {
  /** 0: the untrained model, i.e. the prior. 1: the head on numbers, with the words' effects. 2 and more: the whole model. */
  readonly epoch: number;
  readonly trainingLoss: number | null;
  readonly validationLoss: number;
  readonly seconds: number;
}

/** Everything that a resumed run needs to go on as if it had not been interrupted. */
export interface TrainingState {
  readonly history: readonly EpochRecord[];
  /** Weights and optimizer state after the last epoch of `history`. */
  readonly current: HostWeights;
  readonly best: {
    readonly epoch: number;
    /** One for each held-out customer. */
    readonly losses: Float32Array;
    readonly weights: HostWeights;
  };
}

export interface FineTuneInput {
  readonly spec: ModelSpec;
  readonly initialWeights: HostWeights;
  readonly training: readonly TrainingExample[];
  /** Held-out customers of the newest closed window; used for early stopping only. */
  readonly validation: readonly LabelledExample[];
  readonly pad: number;
  readonly mask: number;
  readonly settings: FineTuneSettings;
}

interface FineTuneHooks extends Partial<JobHooks> {
  /** After every epoch: the place to keep a checkpoint. */
  readonly onEpoch?: (state: TrainingState) => Promise<void>;
  /** Go on from here instead of from `initialWeights`. */
  readonly resumeFrom?: TrainingState;
}

/**
 * Fine-tunes by AdamW with early stopping on the validation loss. The untrained model takes part: if training only makes the loss worse,
 * the prior is returned. The encoder is kept only if it lowers the loss by more than one standard error of the mean difference.
 * Deterministic for a seed, on one CPU with the same number of threads.
 * @throws the signal's reason when aborted, between two steps
 */
export async function fineTune(
  engine: Engine,
  input: FineTuneInput,
  hooks: FineTuneHooks = {},
): Promise<TrainingState> {
  const trainer = new Trainer(engine, input, hooks);
  try {
    return await trainer.run();
  } finally {
    await trainer.dispose();
  }
}

/** Shares of the time of training, roughly. */
const numbersShare = 0.2;
const wordsShare = 0.05;
const firstShare = numbersShare + wordsShare;

class Trainer {
  private readonly programs: ProgramCache<TrainingShape>;
  private readonly evaluation: ProgramCache;
  private weights: TrainingWeights;
  /** Learnt in the first epoch, and fixed from then on. */
  private wordEffects: HostTensor | null;
  private readonly progress: ProgressReporter;

  constructor(
    private readonly engine: Engine,
    private readonly input: FineTuneInput,
    private readonly hooks: FineTuneHooks,
  ) {
    const { spec, initialWeights } = input;
    this.progress = hooks.progress ?? silentProgress;
    this.programs = new ProgramCache<TrainingShape>(engine, (shape) => trainProgram(spec, shape, this.optimizer()));
    this.evaluation = new ProgramCache(engine, (shape) => evaluationProgram(spec, shape));
    const { [wordEffectsTable]: wordEffects = null, ...weights } = hooks.resumeFrom?.current ?? initialWeights;
    this.wordEffects = wordEffects;
    this.weights = new TrainingWeights(engine, spec, weights);
  }

  async run(): Promise<TrainingState> {
    const { epochs, patience } = this.input.settings;
    let state = this.hooks.resumeFrom ?? (await this.untrained());
    for (let epoch = state.history.length; epoch <= epochs + 1; epoch++) {
      if (epoch - 1 - state.best.epoch >= patience) break;
      state = await this.afterEpoch(state, epoch);
      await this.hooks.onEpoch?.(state);
    }
    return state;
  }

  async dispose(): Promise<void> {
    await this.programs.dispose();
    await this.evaluation.dispose();
    this.weights.dispose();
  }

  private async untrained(): Promise<TrainingState> {
    const started = performance.now();
    const losses = await this.validate();
    const seconds = (performance.now() - started) / 1_000;
    return {
      history: [{ epoch: 0, trainingLoss: null, validationLoss: mean(losses), seconds }],
      current: {},
      best: { epoch: 0, losses, weights: this.input.initialWeights },
    };
  }

  private async afterEpoch(before: TrainingState, epoch: number): Promise<TrainingState> {
    const started = performance.now();
    const trainingLoss = epoch === 1 ? await this.trainHead() : await this.trainEpoch(epoch - 1);
    const losses = await this.validate();
    const effects = this.wordEffects && { [wordEffectsTable]: this.wordEffects };
    const current = { ...(await this.weights.read()), ...effects };
    const seconds = (performance.now() - started) / 1_000;
    return {
      history: [...before.history, { epoch, trainingLoss, validationLoss: mean(losses), seconds }],
      current,
      best: isBetter(epoch, losses, before.best) ? { epoch, losses, weights: modelWeights(current) } : before.best,
    };
  }

  /** Trains, on all rows, what costs next to nothing: the head on numbers, then the effects of words without the encoder. */
  private async trainHead(): Promise<null> {
    const { spec, initialWeights, training, validation, pad, settings } = this.input;
    const given = { spec, training, validation, signal: this.hooks.signal };
    const weights = await trainOnNumbers(this.engine, {
      ...given,
      weights: initialWeights,
      settings,
      onProgress: async (done) => this.progress.report('training on numbers', numbersShare * done),
    });
    this.wordEffects = await trainWordEffects(this.engine, {
      ...given,
      weights,
      pad,
      seed: settings.seed,
      onProgress: async (done) => this.progress.report('training on words', numbersShare + wordsShare * done),
    });
    this.weights.dispose();
    this.weights = new TrainingWeights(this.engine, spec, weights);
    return null;
  }

  /** @param epoch of the whole model, from 1 */
  private async trainEpoch(epoch: number): Promise<number> {
    const { settings } = this.input;
    // A random stream of its own for every epoch: a resumed run sees the same order.
    const random = new Random(`${settings.seed}/epoch/${epoch}`);
    const training = epochRows(this.input.training, settings.rowsPerEpoch, random);
    let seen = 0;
    let total = 0;
    for (const batch of epochBatches(training, settings.batchSize, random)) {
      this.hooks.signal?.throwIfAborted();
      total += (await this.step(batch, random)) * batch.examples.length;
      seen += batch.examples.length;
      const done = (epoch - 1 + seen / training.length) / settings.epochs;
      const all = firstShare + (1 - firstShare) * done;
      await this.progress.report(`fine-tuning, epoch ${epoch} of ${settings.epochs}`, all);
    }
    return total / Math.max(seen, 1);
  }

  private async step(batch: TrainingBatch, random: Random): Promise<number> {
    const { spec, pad, mask, settings } = this.input;
    const layout = { batch: settings.batchSize, length: batch.length, pad, features: spec.numericFeatures.length };
    const examples = batch.examples.map((example) =>
      maskSpans(movedByWords(example, this.wordEffects), settings.spanMasking, mask, random),
    );
    const tensors = { ...batchTensors(examples, layout), ...labelTensors(examples, layout.batch) };
    return this.weights.step(this.programs, tensors);
  }

  private validate(): Promise<Float32Array> {
    const { spec, pad } = this.input;
    const validation = this.input.validation.map((example) => movedByWords(example, this.wordEffects));
    return this.weights.use((state) =>
      validationLosses(this.engine, this.evaluation, { spec, state, examples: validation, pad }, this.hooks.signal),
    );
  }

  private optimizer(): OptimizerSettings {
    const { training, settings } = this.input;
    const rows = Math.min(training.length, settings.rowsPerEpoch);
    const totalSteps = Math.ceil(rows / settings.batchSize) * settings.epochs;
    return {
      learningRate: settings.learningRate,
      encoderShare: settings.encoderShare,
      weightDecay: settings.weightDecay,
      warmupSteps: Math.ceil(totalSteps * settings.warmupShare),
      totalSteps,
      schedule: 'cosine',
      clipNorm: 1,
    };
  }
}

/** Any improvement counts, but for the first one by the encoder, which must be more than chance (decision 41). */
function isBetter(epoch: number, losses: Float32Array, best: TrainingState['best']): boolean {
  const gain = pairedGain(best.losses, losses);
  const bringsEncoder = epoch > 1 && best.epoch <= 1;
  return gain.mean > (bringsEncoder ? gain.standardError : 0);
}

function modelWeights(state: HostWeights): HostWeights {
  return Object.fromEntries(Object.entries(state).filter(([name]) => !name.startsWith('adam.')));
}
