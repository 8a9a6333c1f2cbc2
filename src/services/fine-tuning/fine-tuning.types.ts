import { z } from 'zod';
import type { Config } from '../../config.js';
import type { JobHooks } from '../../progress.js';
import { trainingObjectives, trainingStrategies } from '../../entities/index.js';

export const mostEpochs = 100;
export const largestBatch = 1_024;
export const largestSeed = 2 ** 31 - 1;

/** What `startFineTune` takes; everything but the snapshot has a default. */
export const fineTuningInput = z.object({
  snapshotId: z.string().regex(/^\d+$/, 'must be the id of a snapshot'),
  /** `built-in`, a folder in Hugging Face layout, or a model of the hub, `owner/name@revision`; else the setting's. */
  base: z.string().min(1).optional(),
  strategy: z.enum(trainingStrategies).default('FULL'),
  objective: z.enum(trainingObjectives).default('ZILN'),
  epochs: z.number().int().min(1).max(mostEpochs).default(2),
  batchSize: z.number().int().min(1).max(largestBatch).default(64),
  learningRate: z.number().positive().max(1).optional(),
  seed: z.number().int().min(0).max(largestSeed).default(1),
});

/** The defaults of everything else. */
export const fineTuningDefaults = fineTuningInput.omit({ snapshotId: true }).parse({});
/** The default learning rate. A small encoder, and weights that start from nothing, bear a large one. */
export const defaultLearningRate = 2e-3;

export type FineTuningInput = z.input<typeof fineTuningInput>;
export type FineTuningSettings = z.output<typeof fineTuningInput> & { readonly base: string };

export interface FineTuningContext extends JobHooks {
  readonly config: Config;
  /** Id of the run that this is part of, by which a second attempt finds its checkpoint. */
  readonly runId: string;
}

export interface FineTuningResult {
  readonly modelId: string;
  readonly grade: string;
  readonly epochs: number;
}
