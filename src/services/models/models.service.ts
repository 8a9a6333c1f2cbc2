import { And, In, MoreThanOrEqual, Raw, type DataSource, type EntityManager } from 'typeorm';
import { promotionLock } from '../../database/advisory-locks.js';
import { throughDeadlocks } from '../../database/through-deadlocks.js';
import {
  DriftReport,
  ModelArtifact,
  ModelComparison,
  type ModelState,
  ModelVersion,
} from '../../entities/index.js';
import { ClvError } from '../../errors.js';
import { type Advice, adviceFor } from '../../ml/training/advice.js';
import type { Grade } from '../../ml/training/grade.js';
import { findActiveModel, requireModel } from './find-model.js';
import { realisedLevels } from '../retraining/realised-metrics.js';
import { metricsOf } from './model-metrics.js';
import { type ServingBundle, whyUnusable } from './serving-bundle.js';
import { newestFirst } from '../newest-first.js';
import type { Page, PageRequest } from '../paging.js';
import { lockUnused } from '../runs/unfinished-runs.js';

/** Work within the transaction of a promotion. */
export type InPromotion = (manager: EntityManager, model: ModelVersion) => Promise<unknown>;

/** States from which a model can become active. */
const promotable: ReadonlySet<ModelState> = new Set(['CANDIDATE', 'RETIRED']);

/**
 * Model records, and which of them is active. At most one is ACTIVE; earlier ones are RETIRED, in the order of their promotion. Callers
 * that promote or roll back see to it that changes of values in lists are noted.
 */
export class ModelsService {
  constructor(private readonly dataSource: DataSource) {}

  /** Newest first. */
  page(request: PageRequest, state?: ModelState | null): Promise<Page<ModelVersion>> {
    return newestFirst(this.dataSource.getRepository(ModelVersion), request, state ? { state } : {});
  }

  findMany(ids: readonly string[]): Promise<ModelVersion[]> {
    return this.dataSource.getRepository(ModelVersion).findBy({ id: In(ids) });
  }

  /** Models that the runs have made, finished or not. */
  madeBy(runIds: readonly string[]): Promise<ModelVersion[]> {
    return this.dataSource.getRepository(ModelVersion).findBy({ runId: In(runIds) });
  }

  active(): Promise<ModelVersion | null> {
    return findActiveModel(this.dataSource.manager);
  }

  /** Advice on each model, the gravest first; empty where nothing is wrong, and before it is trained. */
  async advice(models: readonly ModelVersion[]): Promise<Advice[][]> {
    const ids = models.map(({ id }) => id);
    const realised = await realisedLevels(this.dataSource, ids);
    return models.map((model) => {
      const { id, grade, serving } = model;
      if (grade === null) return [];
      const { validation = null, horizons = null, silentSince = null } = metricsOf(model);
      return adviceFor({
        grade: grade as Grade,
        validation,
        priorOnly: (serving as Partial<ServingBundle>).priorOnly ?? null,
        horizons,
        silentSince,
        realised: realised.get(id) ?? null,
      });
    });
  }

  /** The newest comparison of a model with another, in this order; null where there is none. */
  comparison(modelId: string, againstId: string): Promise<ModelComparison | null> {
    return this.dataSource.manager.findOne(ModelComparison, { where: { modelId, againstId }, order: { id: 'DESC' } });
  }

  /** The newest drift reports of each model, the newest first: a period that is measured again keeps its row. */
  async driftReports(modelIds: readonly string[], first: number): Promise<DriftReport[]> {
    const newest = await this.dataSource.query<{ id: string }[]>(
      `select id from (
         select id, row_number() over (partition by model_id order by measured_at desc, id desc) as place
         from drift_report where model_id = any($1::bigint[])
       ) placed where place <= $2`,
      [modelIds, first],
    );
    return this.dataSource.manager.find(DriftReport, {
      where: { id: In(newest.map(({ id }) => id)) },
      order: { measuredAt: 'DESC', id: 'DESC' },
    });
  }

  /**
   * Makes a trained model the active one, and retires the one before. Promoting the active model changes nothing.
   * @param decidedAt when the decision was begun; by default now
   * @throws ClvError NOT_FOUND; MODEL_NOT_READY for a model that is in training or failed, or that this version cannot use; CONFLICT
   * where another one was promoted or rolled back to since `decidedAt`
   */
  promote(
    id: string,
    { decidedAt, within }: { readonly decidedAt?: Date | undefined; readonly within?: InPromotion } = {},
  ): Promise<ModelVersion> {
    return this.exclusively(async (manager) => {
      const model = await requireModel(manager, id);
      if (model.state === 'ACTIVE') return model;
      if (!promotable.has(model.state)) {
        throw new ClvError(
          'MODEL_NOT_READY',
          `Model ${id} is ${model.state}; only a CANDIDATE or a RETIRED model can be promoted.`,
        );
      }
      if (!(await manager.existsBy(ModelArtifact, { modelId: id, kind: 'MODEL' }))) {
        throw new ClvError('MODEL_NOT_READY', `Model ${id} has no weights any more; fine-tune another one.`);
      }
      const active = await findActiveModel(manager);
      if (decidedAt && active?.promotedAt && (await servesSince(manager, active.id, decidedAt))) {
        const since = active.promotedAt.toISOString();
        throw new ClvError('CONFLICT', `Model ${active.id} serves since ${since}: choose again between it and model ${id}.`);
      }
      if (active) await manager.update(ModelVersion, active.id, { state: 'RETIRED', retiredAt: afterAllRetired });
      return serve(manager, model, within);
    });
  }

  /**
   * Makes the model active again that was active before. The rolled-back model becomes a CANDIDATE: it can be promoted again, but another
   * rollback goes further back rather than returning to it.
   * @throws ClvError MODEL_NOT_READY where no model was active before, or this version cannot use that one
   */
  rollback(within?: InPromotion): Promise<ModelVersion> {
    return this.exclusively(async (manager) => {
      const active = await findActiveModel(manager);
      const previous = await manager.findOne(ModelVersion, {
        where: { state: 'RETIRED' },
        order: { retiredAt: 'DESC', id: 'DESC' },
      });
      if (!active || !previous) {
        throw new ClvError('MODEL_NOT_READY', 'No model was active before this one, so there is none to go back to.');
      }
      await manager.update(ModelVersion, active.id, { state: 'CANDIDATE' });
      return serve(manager, previous, within);
    });
  }

  /**
   * Removes a model with its weights, predictions, explanations, comparisons and drift reports.
   * @returns the model as it was
   * @throws ClvError NOT_FOUND; CONFLICT for the active model, or one that a run works on
   */
  delete(id: string): Promise<ModelVersion> {
    const work = async (manager: EntityManager): Promise<ModelVersion> => {
      const model = await requireModel(manager, id);
      if (model.state === 'ACTIVE') {
        throw new ClvError('CONFLICT', `Model ${id} serves. Promote another one first, or roll back.`);
      }
      await lockUnused(manager, {
        kind: 'model',
        id,
        runId: model.runId,
        // When a model was rolled back is not known.
        servedUntil: model.promotedAt && (model.retiredAt ?? 'infinity'),
      });
      await manager.delete(ModelVersion, { id });
      return model;
    };
    // Erasures delete predictions in another order.
    return throughDeadlocks(() => this.exclusively(work));
  }

  private exclusively<T>(change: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.dataSource.transaction(async (manager) => {
      await manager.query(`select pg_advisory_xact_lock(${promotionLock})`);
      return change(manager);
    });
  }
}

/**
 * The time of a promotion, whose order rollbacks depend on: by Postgres's clock, which all processes share. Not the time of the
 * transaction: one that waits for the lock may have begun before the one that holds it.
 */
const thisInstant = () => 'clock_timestamp()';

/** This instant, but later than when any other model retired, though Postgres's clock was set back since. */
const afterAllRetired = () =>
  `greatest(clock_timestamp(), (select max(retired_at) + interval '1 microsecond' from model_version))`;

/**
 * Whether a model was promoted or rolled back to since an instant; both leave their time in it. One that seems to have been in the future
 * was before Postgres's clock was set back: that does not count, or no retrain could promote a model until the clock is there again.
 */
function servesSince(manager: EntityManager, id: string, since: Date): Promise<boolean> {
  const promotedAt = And(MoreThanOrEqual(since), Raw((column) => `${column} <= clock_timestamp()`));
  return manager.existsBy(ModelVersion, { id, promotedAt });
}

async function serve(manager: EntityManager, chosen: ModelVersion, within?: InPromotion): Promise<ModelVersion> {
  // With an unusable model nothing could be scored, so that lists would have no values, or never newer ones.
  const failure = whyUnusable(chosen);
  if (failure) throw failure;
  const { id } = chosen;
  await manager.update(ModelVersion, id, { state: 'ACTIVE', promotedAt: thisInstant, retiredAt: null });
  // Read again: a scoring with it may have ended meanwhile.
  const model = await requireModel(manager, id);
  await within?.(manager, model);
  return model;
}
