import { z } from 'zod';
import type { ModelVersion } from '../../entities/index.js';
import { ClvError } from '../../errors.js';
import { featureDefinitions } from '../../ml/features/feature-definitions.js';
import type { BtydPrior } from '../../ml/features/prior/fit-prior.js';
import type { RfmSummary } from '../../ml/features/prior/rfm-summary.js';
import { gapShapes } from '../../ml/features/prior/rhythm/gap-shapes.js';
import type { LevelCorrection } from '../fine-tuning/level-correction.js';
import type { SpreadCorrection } from '../fine-tuning/spread-correction.js';
import type { Scaler } from '../../ml/features/scaler.js';
import type { ActivationRanges } from '../../ml/scoring/activation-ranges.js';
import type { ServingScale } from '../../ml/scoring/served-prediction.js';
import { isTrained } from './find-model.js';

/** Format of the stored weights; raised with changes after which earlier ones cannot be used. */
export const weightsFormat = 2;

/** What scoring needs besides the weights. Stored in `ModelVersion.serving`. */
export interface ServingBundle {
  readonly format: typeof weightsFormat;
  readonly scaler: Scaler;
  /** Fitted at the snapshot's as-of date. */
  readonly prior: BtydPrior;
  readonly scale: ServingScale;
  /** Longest narrative that the model was trained on, special tokens included. */
  readonly maxTokens: number;
  readonly level: LevelCorrection;
  /** Absent where nothing is to be corrected. */
  readonly spread?: SpreadCorrection;
  /** What explanations compare a customer with. */
  readonly typical: TypicalCustomer;
  /** For linear layers in 8-bit integers; null where these are computed in float32. */
  readonly activationRanges: ActivationRanges | null;
  /** Why only the prior is served; null where the model is. */
  readonly priorOnly: PriorOnlyReason | null;
}

/** Medians over the held-out customers of the newest closed window. */
export interface TypicalCustomer {
  /** For each numeric token, standardised. */
  readonly numeric: readonly number[];
  readonly rfm: RfmSummary;
}

/**
 * NO_ACTIVE_MODEL: none was promoted yet; ACTIVE_MODEL_UNUSABLE: this version cannot use it; INSUFFICIENT_HISTORY: too few
 * closed windows of customers to train; TOO_FEW_PURCHASES: hardly anybody bought in them; TRAINING_DID_NOT_HELP: no epoch
 * beat the prior.
 */
export const priorOnlyReasons = [
  'NO_ACTIVE_MODEL',
  'ACTIVE_MODEL_UNUSABLE',
  'INSUFFICIENT_HISTORY',
  'TOO_FEW_PURCHASES',
  'TRAINING_DID_NOT_HELP',
] as const;
export type PriorOnlyReason = (typeof priorOnlyReasons)[number];

const numbers = z.object({}).catchall(z.number());
const featureNames = new Set(featureDefinitions.map(({ name }) => name));
const featureName = z.string().refine((name) => featureNames.has(name));
const bundleSchema = z.object({
  format: z.literal(weightsFormat),
  // A model of another version may have unknown features.
  scaler: z.looseObject({
    features: z.array(z.looseObject({ name: featureName })),
    tracking: z.record(featureName, z.number()).optional(),
  }),
  prior: numbers.extend({
    leavesAtFirst: z.boolean(),
    leavesWithTime: z.boolean().optional(),
    firstWeight: z.number(),
    logNormal: numbers.optional(),
    season: z.array(z.number()).length(12).nullable(),
    pace: z.object({ day: z.number(), before: z.number().positive(), until: z.number().optional() }).nullable(),
    closures: z.array(z.object({ from: z.number(), to: z.number() })).optional(),
    surge: z.object({ from: z.number(), to: z.number(), times: z.number().positive() }).optional(),
    earlyGain: z.number(),
    fading: z.object({ days: z.number().positive(), floor: z.number().min(0).max(1) }).optional(),
    earlier: z.object({ since: z.number(), length: z.number().positive() }).optional(),
    newcomers: z
      .object({
        since: z.number(),
        differ: z.enum(['PACE', 'SHARE']),
        ratios: z.array(z.number().positive().max(1)).min(1),
      })
      .optional(),
    yearly: numbers
      .extend({
        months: z.array(z.number()).length(12),
        date: z.object({ month: z.number(), day: z.number() }).optional(),
      })
      .optional(),
    covariates: z.record(z.string(), z.record(z.string(), numbers)).optional(),
    firstAmounts: z.object({ byAmount: z.record(z.string(), numbers), others: numbers }).optional(),
    rhythm: z.array(z.number().min(0)).length(gapShapes.length).optional(),
    prices: z.array(z.object({ day: z.number(), log: z.number() })).min(1).optional(),
  }),
  scale: z.object({ valueScale: z.number(), residualSigma: z.number(), largestValue: z.number() }),
  maxTokens: z.number().int().positive(),
  level: z.object({
    calibration: z.number(),
    ratio: z.number().positive(),
    horizonDays: z.number().positive(),
    shortestDays: z.number().positive(),
    today: z.array(z.object({ days: z.number().positive(), ratio: z.number().positive() })),
    outlook: z.array(numbers),
  }),
  spread: z
    .object({
      exponent: z.number(),
      pivot: z.number().positive(),
      range: z.tuple([z.number(), z.number()]),
      horizonDays: z.number().positive(),
    })
    .optional(),
  typical: z.object({ numeric: z.array(z.number()), rfm: numbers }),
  activationRanges: z.record(z.string(), z.tuple([z.number(), z.number()])).nullable(),
  priorOnly: z.enum(priorOnlyReasons).nullable(),
});

/** @throws ClvError MODEL_NOT_READY like `whyUnusable` */
export function servingBundleOf(model: ModelVersion): ServingBundle {
  const failure = whyUnusable(model);
  if (failure) throw failure;
  return model.serving as ServingBundle;
}

/** MODEL_NOT_READY for a model that is not trained yet, or has the format of an earlier version; otherwise null. */
export function whyUnusable(model: ModelVersion): ClvError | null {
  if (bundleSchema.safeParse(model.serving).success) return null;
  if (isTrained(model)) return ofEarlierVersion(model);
  return new ClvError(
    'MODEL_NOT_READY',
    `Model ${model.id} is ${model.state} and cannot score. Wait for its fine-tune run, or fine-tune another.`,
  );
}

export function ofEarlierVersion({ id }: Pick<ModelVersion, 'id'>, cause?: unknown): ClvError {
  return new ClvError(
    'MODEL_NOT_READY',
    `Model ${id} was made by an earlier version of clvgraph, and this one cannot use it. Run startRetrain; or ` +
      'preprocess, fine-tune and promote another.',
    { cause },
  );
}
