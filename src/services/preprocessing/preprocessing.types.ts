import { z } from 'zod';
import { isStorable, unstorable } from '../../storable-text.js';
import { longestAttributeName, mostCovariates } from '../../ml/features/covariates.js';
import { longestHorizonDays, shortestLearntDays } from '../../ml/features/horizon-limits.js';

export const defaultMaxTrainingRows = 60_000;
export const leastMaxTrainingRows = 100;
export const mostMaxTrainingRows = 5_000_000;

export const covariateNames = z
  .array(z.string().min(1).max(longestAttributeName))
  .max(mostCovariates)
  .refine((names) => names.every(isStorable), { message: `one ${unstorable}` })
  .refine((names) => new Set(names).size === names.length, { message: 'each attribute only once' });

/** What `startPreprocessing` takes. */
export const preprocessingInput = z.object({
  /** Nothing dated on this instant's UTC day or later reaches a feature or a training label. */
  asOf: z.union([z.date(), z.iso.datetime({ offset: true }), z.iso.date()]).transform((value) => new Date(value)),
  /** Longest horizon to learn; history may allow only a shorter one. */
  horizonDays: z.number().int().min(shortestLearntDays).max(longestHorizonDays),
  /** Names of the customers' attributes that models read. */
  covariates: covariateNames.default([]),
  options: z
    .object({
      /** Training rows at most, over all windows; a larger base is sampled. */
      maxTrainingRows: z
        .number()
        .int()
        .min(leastMaxTrainingRows)
        .max(mostMaxTrainingRows)
        .default(defaultMaxTrainingRows),
    })
    .prefault({}),
});

export type PreprocessingInput = z.input<typeof preprocessingInput>;
export type PreprocessingSettings = z.output<typeof preprocessingInput>;

/** What is learnt where a run names no horizon: that of scored predictions, or the shortest that can be. */
export const learntHorizonFor = (scoredDays: number): number => Math.max(scoredDays, shortestLearntDays);
