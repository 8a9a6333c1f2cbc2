import { partOf, type ProgressReporter } from '../../progress.js';
import { runFineTuning } from '../../services/fine-tuning/fine-tuning.service.js';
import type { FineTuningInput, FineTuningResult } from '../../services/fine-tuning/fine-tuning.types.js';
import type { ModelLoader } from '../../services/models/loaded-model.js';
import type { JobContext, JobHandler } from '../job.js';
import { compareWithActive } from './compare.handler.js';

/** Trains a candidate on a snapshot, and compares it with the active model as a basis for its promotion. */
export function fineTuneHandler(models: ModelLoader): JobHandler {
  return async (input, context) => {
    const { progress } = context;
    // The service checks the input, which is plain JSON here.
    const trained = await trainCandidate(models, input as FineTuningInput, context, partOf(progress, 0, 0.95));
    const { comparison } = await compareWithActive(models, trained.modelId, context, partOf(progress, 0.95, 1));
    return { ...trained, comparison };
  };
}

export function trainCandidate(
  models: ModelLoader,
  input: FineTuningInput,
  { dataSource, config, run, signal }: JobContext,
  progress: ProgressReporter,
): Promise<FineTuningResult> {
  return runFineTuning(dataSource, models, input, { config, progress, signal, runId: run.id });
}
