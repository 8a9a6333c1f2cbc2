import { z } from 'zod';
import { ClvError } from '../../errors.js';
import type { ProgressReporter } from '../../progress.js';
import { findActiveModel } from '../../services/models/find-model.js';
import { type ComparisonReport, runComparison } from '../../services/models/model-comparison.service.js';
import type { ModelLoader } from '../../services/models/loaded-model.js';
import type { JobContext, JobHandler } from '../job.js';
import { horizonDays, instant, parseInput } from './input.js';

const compareRunInput = z
  .object({
    modelId: z.string(),
    againstId: z.string(),
    asOf: instant.optional(),
    horizonDays: horizonDays.optional(),
  })
  .refine(({ asOf, horizonDays }) => (asOf === undefined) === (horizonDays === undefined), {
    message: 'asOf and horizonDays go together',
  });

/** Compares two models, on held-out customers unless a period is given. */
export function compareHandler(models: ModelLoader): JobHandler {
  return async (input, context) => {
    const { modelId, againstId, asOf, horizonDays } = parseInput(compareRunInput, input);
    const period = asOf && horizonDays ? { asOf, horizonDays } : undefined;
    const { report } = await runComparison(context.dataSource, models, { modelId, againstId, period }, context);
    return { modelId, againstId, report };
  };
}

/** How a candidate compares with the active model: `comparison`, or why there is none. */
export interface ComparisonOutcome {
  /** The active model; null where there is none, or it is the candidate. */
  readonly againstId: string | null;
  readonly comparison: Pick<ComparisonReport, 'verdict' | 'sentence'> | null;
  readonly without?: 'NO_ACTIVE_MODEL' | 'ACTIVE_MODEL_UNUSABLE' | 'TOO_FEW_CUSTOMERS';
}

export async function compareWithActive(
  models: ModelLoader,
  modelId: string,
  context: JobContext,
  progress: ProgressReporter,
): Promise<ComparisonOutcome> {
  const active = await findActiveModel(context.dataSource.manager);
  if (!active || active.id === modelId) return { againstId: null, comparison: null, without: 'NO_ACTIVE_MODEL' };
  const { dataSource, signal } = context;
  const againstId = active.id;
  try {
    const request = { modelId, againstId };
    const { report } = await runComparison(dataSource, models, request, { progress, signal });
    const { verdict, sentence } = report as ComparisonReport;
    return { againstId, comparison: { verdict, sentence } };
  } catch (error) {
    signal.throwIfAborted();
    // Once another model serves, this one and its snapshot may be deleted.
    const isActive = (await findActiveModel(dataSource.manager))?.id === againstId;
    if (!isActive) return compareWithActive(models, modelId, context, progress);
    if (!(error instanceof ClvError)) throw error;
    if (error.code === 'MODEL_NOT_READY') return { againstId, comparison: null, without: 'ACTIVE_MODEL_UNUSABLE' };
    if (error.code === 'INSUFFICIENT_DATA') return { againstId, comparison: null, without: 'TOO_FEW_CUSTOMERS' };
    throw error;
  }
}
