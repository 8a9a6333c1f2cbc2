import { ModelVersion, Snapshot } from '../../entities/index.js';
import { partOf, type ProgressReporter } from '../../progress.js';
import { type FineTuningInput, fineTuningInput } from '../../services/fine-tuning.types.js';
import type { ModelLoader } from '../../services/loaded-model.js';
import { ModelsService } from '../../services/models.service.js';
import type { JobContext, JobHandler } from '../job.js';
import { trainCandidate } from './fine-tune.handler.js';
import { activeModel, parseInput } from './input.js';
import { preprocess, preprocessRunInput } from './preprocess.handler.js';
import { scoreBase } from './score.handler.js';

/** Grade of a model that must not be promoted by itself, though there be no other. */
const worstGrade = 'E';

/**
 * A new snapshot of the present, a model trained on it with the active model's settings, and, unless it is worse than
 * the active one, its promotion and the scoring of the base. Each step is left out where an earlier attempt has done it.
 */
export function retrainHandler(models: ModelLoader): JobHandler {
  return async (input, context) => {
    const { progress } = context;
    const settings = parseInput(preprocessRunInput, input);
    const snapshotId = await preprocess(settings, context, partOf(progress, 0, 0.2));
    const candidate = await candidateOf(models, snapshotId, context, partOf(progress, 0.2, 0.8));
    const promoted = await promoteUnlessWorse(candidate, context);
    const outcome = { snapshotId, modelId: candidate.id, grade: candidate.grade, promoted };
    if (!promoted) return outcome;
    const { asOf, horizonDays } = await context.dataSource.manager.findOneByOrFail(Snapshot, { id: snapshotId });
    const period = { modelId: candidate.id, asOf, horizonDays };
    return { ...outcome, customers: await scoreBase(period, context, partOf(progress, 0.8, 1)) };
  };
}

async function candidateOf(
  models: ModelLoader,
  snapshotId: string,
  context: JobContext,
  progress: ProgressReporter,
): Promise<ModelVersion> {
  const { manager } = context.dataSource;
  const begun = await manager.findOneBy(ModelVersion, { runId: context.run.id });
  if (begun && begun.state !== 'TRAINING' && begun.state !== 'FAILED') return begun;
  const settings = settingsOf(begun ?? (await activeModel(context)));
  const { modelId } = await trainCandidate(models, { ...settings, snapshotId }, context, progress);
  return manager.findOneByOrFail(ModelVersion, { id: modelId });
}

/** The settings that a model was trained with; the defaults where there is none. */
function settingsOf(model: ModelVersion | null): Omit<FineTuningInput, 'snapshotId'> {
  if (!model) return {};
  const { base, strategy, objective, hyperparameters } = model;
  return parseInput(fineTuningInput.omit({ snapshotId: true }), { ...hyperparameters, base, strategy, objective });
}

/**
 * Both grades say how far a model is ahead of the prior and of the best plain ranking on customers that it never saw,
 * so they compare across snapshots, which plain metrics would not.
 */
async function promoteUnlessWorse(candidate: ModelVersion, context: JobContext): Promise<boolean> {
  if (candidate.state === 'ACTIVE') return true;
  const active = await activeModel(context);
  const grade = candidate.grade ?? worstGrade;
  if (grade === worstGrade || (active?.grade && grade > active.grade)) return false;
  await new ModelsService(context.dataSource).promote(candidate.id);
  return true;
}
