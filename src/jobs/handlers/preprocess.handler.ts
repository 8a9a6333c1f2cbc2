import { IsNull, Not } from 'typeorm';
import { z } from 'zod';
import { Snapshot } from '../../entities/index.js';
import type { ProgressReporter } from '../../progress.js';
import { removeErased, runPreprocessing } from '../../services/preprocessing/preprocessing.service.js';
import {
  covariateNames,
  learntHorizonFor,
  preprocessingInput,
} from '../../services/preprocessing/preprocessing.types.js';
import { defaultAsOf } from '../../services/preprocessing/stray-orders.js';
import type { JobContext, JobHandler } from '../job.js';
import { horizonDays, instant, parseInput } from './input.js';

export const preprocessRunInput = z.object({
  asOf: instant.optional(),
  horizonDays: horizonDays.optional(),
  covariates: covariateNames.optional(),
  options: preprocessingInput.shape.options,
});
type PreprocessRunInput = z.output<typeof preprocessRunInput>;

/** Makes a snapshot, by default as of the current date and for the configured horizon. */
export const preprocessHandler: JobHandler = async (input, context) => ({
  snapshotId: await preprocess(parseInput(preprocessRunInput, input), context, context.progress),
});

/** @returns id of the run's snapshot, which an earlier attempt may have made */
export async function preprocess(
  { asOf, horizonDays, covariates, options }: PreprocessRunInput,
  context: JobContext,
  progress: ProgressReporter,
): Promise<string> {
  const { run, dataSource, config, signal } = context;
  const made = await dataSource.manager.findOneBy(Snapshot, { runId: run.id, completedAt: Not(IsNull()) });
  if (made) {
    // The earlier attempt may have died before this step.
    await removeErased(dataSource);
    return made.id;
  }
  const input = {
    asOf: asOf ?? (await defaultAsOf(dataSource, config)),
    horizonDays: horizonDays ?? learntHorizonFor(config.horizonDays),
    covariates,
    options,
  };
  const { snapshotId } = await runPreprocessing(dataSource, input, { progress, signal, runId: run.id });
  return snapshotId;
}
