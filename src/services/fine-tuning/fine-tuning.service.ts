import type { DataSource } from 'typeorm';
import type { Config } from '../../config.js';
import { ModelVersion } from '../../entities/index.js';
import {
  type FineTuningContext,
  type FineTuningInput,
  fineTuningInput,
  type FineTuningResult,
  type FineTuningSettings,
} from './fine-tuning.types.js';
import { isTrained } from '../models/find-model.js';
import type { ModelLoader } from '../models/loaded-model.js';
import { metricsOf } from '../models/model-metrics.js';
import { readSnapshot, type SnapshotContent } from '../preprocessing/snapshots.service.js';
import { parsedBy } from '../zod-problems.js';
import { trainVersion, wholeModelEpochs } from './train-version.js';

/**
 * Fine-tunes a model on a snapshot; the outcome is a CANDIDATE. A repeated attempt of the same run goes on from the
 * last finished epoch; where none follows, `endAttempt` marks the model as FAILED.
 * @throws ClvError BAD_USER_INPUT, NOT_FOUND, CHECKPOINT_INVALID
 */
export async function runFineTuning(
  dataSource: DataSource,
  models: ModelLoader,
  input: FineTuningInput,
  context: FineTuningContext,
): Promise<FineTuningResult> {
  const settings = parseSettings(input, context.config);
  const snapshot = await readSnapshot(dataSource, settings.snapshotId);
  const version = await versionOf(dataSource, settings, snapshot, context.runId);
  // An earlier attempt had stored its outcome, which may serve by now, and died before the run was settled.
  if (isTrained(version)) {
    return { modelId: version.id, grade: version.grade!, epochs: wholeModelEpochs(metricsOf(version).history ?? []) };
  }
  return trainVersion(dataSource, models, { snapshot, version, settings }, context);
}

/** The base is named as it will be loaded, so that the model's record, and a retrain by it, say what was trained. */
function parseSettings(input: FineTuningInput, config: Config): FineTuningSettings {
  const settings = parsedBy(fineTuningInput, input, 'The fine-tune cannot start.');
  return { ...settings, base: settings.base ?? config.base };
}

/** The run's model: a new one, or the one that an earlier attempt began. */
async function versionOf(
  dataSource: DataSource,
  settings: FineTuningSettings,
  { covariates }: SnapshotContent,
  runId: string,
): Promise<ModelVersion> {
  const begun = await dataSource.manager.findOneBy(ModelVersion, { runId });
  if (begun) return begun;
  const { snapshotId, base, strategy, objective, ...hyperparameters } = settings;
  return dataSource.manager.save(
    dataSource.manager.create(ModelVersion, {
      runId,
      snapshotId,
      base,
      strategy,
      objective,
      hyperparameters,
      covariates: [...covariates],
    }),
  );
}
