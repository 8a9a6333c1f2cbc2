import type { Engine, HostTensor } from '../../../src/ml/engine/engine.js';
import type { OptimizerSettings } from '../../../src/ml/model/adamw.js';
import { trainProgram, type TrainingShape } from '../../../src/ml/model/programs.js';
import type { Strategy } from '../../../src/ml/model/spec.js';
import { initialiseModel } from '../../../src/ml/model/weights.js';
import { ProgramCache } from '../../../src/ml/scoring/program-cache.js';
import { TrainingWeights } from '../../../src/ml/training/training-weights.js';
import type { Peer } from './peer.js';
import { type Clock, type Compared, compare, type Seconds, timed } from './rounds.js';
import { batchSize, specOf, type Subject, trainingBatches } from './subject.js';

export const variants = ['eager', 'bfloat16', 'compile'] as const;
export type Variant = (typeof variants)[number];

/** In a round, however long they take. */
const fewestSteps = 2;

const optimizer: OptimizerSettings = {
  learningRate: 1e-4,
  encoderShare: 1,
  weightDecay: 0.01,
  warmupSteps: 0,
  totalSteps: 10_000,
  schedule: 'cosine',
  clipNorm: 1,
};

export interface TrainingResult extends Compared {
  /** Largest difference of the losses of the first steps, relative: both sides do train the same. */
  readonly lossDifference: number;
}

/** Training steps as the fine-tune loop makes them. */
export class TrainingLoop {
  private stepNumber = 0;

  private constructor(
    private readonly programs: ProgramCache<TrainingShape>,
    private readonly weights: TrainingWeights,
    private readonly batches: readonly Record<string, HostTensor>[],
  ) {}

  static create(
    engine: Engine,
    subject: Subject,
    strategy: Strategy,
    batches: readonly Record<string, HostTensor>[],
  ): TrainingLoop {
    const spec = specOf(subject, strategy);
    const programs = new ProgramCache<TrainingShape>(engine, (shape) => trainProgram(spec, shape, optimizer));
    const weights = { ...initialiseModel(spec, subject.weights, 1), ...subject.weights };
    return new TrainingLoop(programs, new TrainingWeights(engine, spec, weights), batches);
  }

  /** Steps, at least that many, until at least so many seconds are over: the loss of each. */
  async run(steps: number, atLeast = 0): Promise<number[]> {
    const started = performance.now();
    const losses: number[] = [];
    while (losses.length < steps || performance.now() - started < 1_000 * atLeast) {
      losses.push(await this.weights.step(this.programs, this.batches[this.stepNumber++ % this.batches.length]!));
    }
    return losses;
  }

  async dispose(): Promise<void> {
    await this.programs.dispose();
    this.weights.dispose();
  }
}

/** Samples a second of a training step on either side. */
export async function measureTraining(
  engine: Engine,
  peer: Peer,
  subject: Subject,
  { strategy, length, variant }: { strategy: Strategy; length: number; variant: Variant },
  { rounds, seconds, clock }: { rounds: number; seconds: number; clock: Clock },
): Promise<TrainingResult> {
  const { batches, files } = await trainingBatches(subject, length, 8);
  const loop = TrainingLoop.create(engine, subject, strategy, batches);
  await peer.ask({ do: 'load', id: 'training', task: 'training', subject: subject.told, strategy, variant });
  const theirSteps = (steps: number, atLeast = 0) =>
    peer.ask<{ seconds: Seconds; losses: number[] }>({ do: 'train', id: 'training', batches: files, steps, atLeast });
  try {
    const losses = [await loop.run(3), (await theirSteps(3)).losses] as const;
    const lossDifference = Math.max(...losses[0].map((loss, i) => Math.abs(loss / losses[1][i]! - 1)));
    const compared = await compare(
      async () => {
        const done = await timed(() => loop.run(fewestSteps, seconds));
        return (done.result.length * batchSize) / done.seconds[clock];
      },
      async () => {
        const done = await theirSteps(fewestSteps, seconds);
        return (done.losses.length * batchSize) / done.seconds[clock];
      },
      { rounds, clock, pids: [peer.pid] },
    );
    return { ...compared, lossDifference };
  } finally {
    await loop.dispose();
    await peer.ask({ do: 'unload', id: 'training' });
  }
}
