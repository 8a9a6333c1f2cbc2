import type { z } from 'zod';
import { ModelVersion, Snapshot } from '../../entities/index.js';
import { ClvError } from '../../errors.js';
import { globalIdText } from '../../global-id-text.js';
import { partOf, type ProgressReporter } from '../../progress.js';
import { promoteAudited } from '../../services/models/audited-promotion.js';
import { type FineTuningInput, fineTuningInput } from '../../services/fine-tuning/fine-tuning.types.js';
import { findActiveModel, isTrained } from '../../services/models/find-model.js';
import type { ModelLoader } from '../../services/models/loaded-model.js';
import type { PredictionPeriod } from '../../services/predictions/prediction-store.js';
import { attributesForRetrain } from '../../services/preprocessing/known-attributes.js';
import { defaultAsOf } from '../../services/preprocessing/stray-orders.js';
import {
  retrainConditions,
  type RetrainConditions,
  retrainNeed,
} from '../../services/retraining/retrain-conditions.js';
import { noteClvChanges } from '../../services/scoring/note-clv-changes.js';
import { type JobContext, type JobHandler, maxAttempts } from '../job.js';
import { type ComparisonOutcome, compareWithActive } from './compare.handler.js';
import { trainCandidate } from './fine-tune.handler.js';
import { parseInput } from './input.js';
import { preprocess, preprocessRunInput } from './preprocess.handler.js';
import { type ScoredBase, scoreBase } from './score.handler.js';

/** A model of this grade is never promoted automatically, even if there is no other. */
const worstGrade = 'E';

const retrainRunInput = preprocessRunInput.extend({ onlyIf: retrainConditions.optional() });

/**
 * If the schedule's conditions hold, or there are none: makes a snapshot as of the current date, and trains a model on it with the active
 * model's settings and attributes. Unless that is worse than the active one on the same held-out customers, it scores the base with it and
 * then promotes it, in this order, so that lists are never without a scoring. Then it notes the changes of values. Steps that an earlier
 * attempt has done are skipped. If no model is promoted, or none can be trained, the active one scores the base; before the last attempt to
 * train one, too.
 */
export function retrainHandler(models: ModelLoader): JobHandler {
  return async (input, context) => {
    const { progress } = context;
    const { onlyIf, ...settings } = parseInput(retrainRunInput, input);
    const notNeeded = onlyIf && (await whyNot(models, onlyIf, context, partOf(progress, 0, 0.1)));
    if (notNeeded) {
      return {
        retrained: false,
        ...notNeeded,
        scored: await refresh(models, settings.asOf, context, partOf(progress, 0.1, 1)),
      };
    }
    if (await isLastTraining(context)) {
      await scoredBeforehand(() => refresh(models, settings.asOf, context, partOf(progress, 0, 0.1)));
    }
    const trained = await candidateOfToday(models, settings, context).catch(async (error: unknown) => {
      throw await scoredNevertheless(error, () => refresh(models, settings.asOf, context, partOf(progress, 0.8, 1)));
    });
    const { snapshotId, candidate } = trained;
    const { promoted, ...compared } = await mayServe(models, candidate, context, partOf(progress, 0.75, 0.8));
    const outcome = {
      retrained: true,
      snapshotId,
      modelId: candidate.id,
      grade: candidate.grade,
      promoted,
      ...compared,
    };
    const { asOf } = await context.dataSource.manager.findOneByOrFail(Snapshot, { id: snapshotId });
    const scoring = partOf(progress, 0.8, 1);
    if (!promoted) return { ...outcome, scored: await refresh(models, asOf, context, scoring) };
    // The configured horizon rather than the snapshot's, which is at least a week, since shorter ones are not learnt.
    const period = { modelId: candidate.id, asOf, horizonDays: context.config.horizonDays };
    const scored = await scoreBase(models, period, context, partOf(scoring, 0, 0.9));
    const last = partOf(scoring, 0.9, 1);
    if (!(await promote(candidate, context))) {
      const refreshed = await refresh(models, asOf, context, last);
      return { ...outcome, promoted: false, without: 'ACTIVE_MODEL_CHANGED', scored: refreshed };
    }
    // Even if an earlier attempt has promoted it, which may have died before this. Without a signal, since lists have new values by now,
    // even if the run is cancelled.
    await noteClvChanges(context.dataSource, { progress: last });
    return { ...outcome, ...scored, ...(candidate.promotedAt === null && { isListed: true }) };
  };
}

type Settings = Omit<z.infer<typeof retrainRunInput>, 'onlyIf'>;

async function candidateOfToday(models: ModelLoader, settings: Settings, context: JobContext) {
  const { progress } = context;
  const covariates = settings.covariates ?? (await attributesForRetrain(context.dataSource.manager));
  const snapshotId = await preprocess({ ...settings, covariates }, context, partOf(progress, 0.1, 0.25));
  return { snapshotId, candidate: await candidateOf(models, snapshotId, context, partOf(progress, 0.25, 0.75)) };
}

/** Whether earlier attempts have ended without a model, and no other one follows. */
async function isLastTraining({ dataSource: { manager }, run }: JobContext): Promise<boolean> {
  if (run.attempts < maxAttempts) return false;
  const begun = await manager.findOneBy(ModelVersion, { runId: run.id });
  return !begun || !isTrained(begun);
}

/** What has ended the earlier attempts, such as memory that runs out in training, may end this one, too: lists come first. */
async function scoredBeforehand(score: () => Promise<object | null>): Promise<void> {
  await score().catch((error: unknown) => {
    // The rest of the attempt meets such a reason again, and says so.
    if (!(error instanceof ClvError) || error.code === 'RUN_CANCELLED') throw error;
  });
}

/**
 * Scores the base where no model can be trained and another attempt would not help: otherwise lists would stay as they are for as long as
 * nobody looks after the schedule.
 * @returns the failure, with what was done nevertheless
 */
async function scoredNevertheless(error: unknown, score: () => Promise<object | null>): Promise<unknown> {
  if (!(error instanceof ClvError) || error.code === 'RUN_CANCELLED') return error;
  try {
    if (!(await score())) return error;
  } catch (failure) {
    // It cannot be scored for a reason of its own, as with stray orders, which is often the same.
    return failure instanceof ClvError && failure.code !== 'RUN_CANCELLED' ? error : failure;
  }
  const message = `${error.message} Nevertheless the active model has scored the base.`;
  return new ClvError(error.code, message, { cause: error });
}

/**
 * Scores the base with the model that stays active, so that lists and realised metrics are brought up to date by the schedule, too.
 * @returns null where there is no active model, or it can no longer score
 */
async function refresh(
  models: ModelLoader,
  given: Date | undefined,
  context: JobContext,
  progress: ProgressReporter,
): Promise<(PredictionPeriod & ScoredBase) | null> {
  const { dataSource, config } = context;
  const active = await findActiveModel(dataSource.manager);
  if (!active) return null;
  const asOf = given ?? (await defaultAsOf(dataSource, config));
  const period = { modelId: active.id, asOf, horizonDays: config.horizonDays };
  try {
    return { ...period, ...(await scoreBase(models, period, context, progress)) };
  } catch (error) {
    if (error instanceof ClvError && error.code === 'MODEL_NOT_READY') return null;
    throw error;
  }
}

/** @returns false if somebody has promoted a model or rolled one back since the retrain began; what they chose then stays active */
async function promote({ id }: ModelVersion, { dataSource, run }: JobContext): Promise<boolean> {
  try {
    const details = { retrain: globalIdText('Run', run.id) };
    const decidedAt = run.startedAt ?? run.createdAt;
    await promoteAudited(dataSource, id, { details, actorId: run.requestedById, decidedAt });
    return true;
  } catch (error) {
    if (!(error instanceof ClvError && error.code === 'CONFLICT')) throw error;
    return false;
  }
}

/** Why no retrain is due. @returns null if one is, if there is no model yet, or if an earlier attempt has begun one */
async function whyNot(
  models: ModelLoader,
  conditions: RetrainConditions,
  context: JobContext,
  progress: ProgressReporter,
) {
  const { dataSource, config, run, signal } = context;
  const active = await findActiveModel(dataSource.manager);
  if (!active || (await dataSource.manager.existsBy(Snapshot, { runId: run.id }))) return null;
  const period = { asOf: await defaultAsOf(dataSource, config), horizonDays: config.horizonDays };
  const { due, ...need } = await retrainNeed(dataSource, models, { active, conditions, period }, { progress, signal });
  return due ? null : need;
}

async function candidateOf(
  models: ModelLoader,
  snapshotId: string,
  context: JobContext,
  progress: ProgressReporter,
): Promise<ModelVersion> {
  const { manager } = context.dataSource;
  const begun = await manager.findOneBy(ModelVersion, { runId: context.run.id });
  if (begun && isTrained(begun)) return begun;
  const settings = settingsOf(begun ?? (await findActiveModel(manager)));
  const { modelId } = await trainCandidate(models, { ...settings, snapshotId }, context, progress).catch((error) => {
    throw withAdviceOnBase(error);
  });
  return manager.findOneByOrFail(ModelVersion, { id: modelId });
}

/** The base may be a folder that this machine lacks, as after a restore on another one. */
function withAdviceOnBase(error: unknown): unknown {
  if (!(error instanceof ClvError && error.code === 'CHECKPOINT_INVALID')) return error;
  const advice =
    'A retrain takes the base of the active model: put it back there, or fine-tune with another base and promote that model.';
  return new ClvError(error.code, `${error.message} ${advice}`, { cause: error });
}

/** The settings that a model was trained with; the defaults without a model. */
function settingsOf(model: ModelVersion | null): Omit<FineTuningInput, 'snapshotId'> {
  if (!model) return {};
  const { base, strategy, objective, hyperparameters } = model;
  return parseInput(fineTuningInput.omit({ snapshotId: true }), { ...hyperparameters, base, strategy, objective });
}

type Verdict = ComparisonOutcome & { readonly promoted: boolean };

/**
 * Decides by the paired comparison on held-out customers. Grades are not comparable: they say how far each model is ahead of plain rankings
 * in its own time. But a model of grade E, worse than those or untested, is never promoted. If the comparison has too few customers, the
 * active model stays.
 */
async function mayServe(
  models: ModelLoader,
  candidate: ModelVersion,
  context: JobContext,
  progress: ProgressReporter,
): Promise<Verdict> {
  if (candidate.promotedAt) return { promoted: true, againstId: null, comparison: null };
  const outcome = await compareWithActive(models, candidate.id, context, progress);
  const worse = outcome.comparison?.verdict === 'WORSE' || outcome.without === 'TOO_FEW_CUSTOMERS';
  return { ...outcome, promoted: !worse && (candidate.grade ?? worstGrade) !== worstGrade };
}
