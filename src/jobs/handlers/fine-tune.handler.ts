import type { ProgressReporter } from '../../progress.js';
import { type FineTuningResult, runFineTuning } from '../../services/fine-tuning.service.js';
import type { FineTuningInput } from '../../services/fine-tuning.types.js';
import type { ModelLoader } from '../../services/loaded-model.js';
import type { JobContext, JobHandler } from '../job.js';

/** Trains a candidate on a snapshot. */
export function fineTuneHandler(models: ModelLoader): JobHandler {
  // The service checks the input, which is JSON until then.
  return async (input, context) => ({
    ...(await trainCandidate(models, input as FineTuningInput, context, context.progress)),
  });
}

export function trainCandidate(
  models: ModelLoader,
  input: FineTuningInput,
  { dataSource, config, run, signal }: JobContext,
  progress: ProgressReporter,
): Promise<FineTuningResult> {
  return runFineTuning(dataSource, models, input, { config, progress, signal, runId: run.id });
}
