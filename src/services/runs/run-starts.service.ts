import { IsNull, Not, type DataSource, type EntityManager } from 'typeorm';
import type { Config } from '../../config.js';
import { dayMs, dayOf, latestAsOf, startOfDay } from '../../days.js';
import { type ModelVersion, Order, Snapshot, type Run } from '../../entities/index.js';
import { ClvError } from '../../errors.js';
import type { FineTuningInput } from '../fine-tuning/fine-tuning.types.js';
import { requireTrainedModel } from '../models/find-model.js';
import { requestedBase } from '../models/requested-base.js';
import type { RunsService } from './runs.service.js';
import { attributesForRetrain, requireAttributes } from '../preprocessing/known-attributes.js';
import { covariateNames, learntHorizonFor } from '../preprocessing/preprocessing.types.js';
import { problemsOf } from '../zod-problems.js';
import { requireOfThisVersion } from '../preprocessing/snapshots.service.js';
import { defaultAsOf, lastKnownDay } from '../preprocessing/stray-orders.js';
import { servingAsOf } from '../predictions/serving-as-of.js';
import { noSuch } from '../no-such.js';

interface PreprocessingRequest {
  readonly asOf?: Date | null;
  readonly horizonDays?: number | null;
  readonly covariates?: readonly string[] | null;
  readonly options?: { readonly maxTrainingRows?: number | null } | null;
}

type FineTuningRequest = { readonly [Key in keyof FineTuningInput]?: FineTuningInput[Key] | null };

interface ModelRunRequest {
  readonly modelId?: string | null;
  readonly asOf?: Date | null;
  readonly horizonDays?: number | null;
}

interface ComparisonStart {
  readonly modelId: string;
  readonly againstId?: string | null | undefined;
  readonly asOf?: Date | null;
  readonly horizonDays?: number | null;
}

/**
 * Starts the administrators' jobs, after the checks that need no worker. Defaults are filled in here, so that a run's input says exactly
 * what was done.
 */
export class RunStartsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly config: Pick<Config, 'asOf' | 'horizonDays' | 'base' | 'baseFolder'>,
    private readonly runs: RunsService,
  ) {}

  /**
   * @throws ClvError INSUFFICIENT_DATA where there are no orders, BAD_USER_INPUT for a date to come or attributes that no customer
   *   has, CONFLICT where no date is given and a few stray orders would set it
   */
  async preprocessing(
    { asOf, horizonDays, covariates, options }: PreprocessingRequest,
    requestedById: string | null,
  ): Promise<Run> {
    await this.requireOrders();
    if (covariates) await this.requireCovariates(covariates);
    const maxTrainingRows = options?.maxTrainingRows ?? null;
    const input = {
      asOf: await this.asOf(asOf),
      horizonDays: horizonDays ?? learntHorizonFor(this.config.horizonDays),
      ...(covariates && { covariates }),
      ...(maxTrainingRows !== null && { options: { maxTrainingRows } }),
    };
    return this.runs.start('PREPROCESS', asJson(input), requestedById);
  }

  /**
   * On the newest snapshot unless one is named.
   * @param requestedById null for the command line, whose user can read the machine's files anyway
   * @throws ClvError NOT_FOUND, CONFLICT for a snapshot that an earlier version made, BAD_USER_INPUT for a base that requests
   *   may not name
   */
  async fineTune({ snapshotId, base, ...settings }: FineTuningRequest, requestedById: string | null): Promise<Run> {
    const named = base && { base: requestedById === null ? base : requestedBase(base, this.config) };
    const snapshot = await this.completeSnapshot(snapshotId ?? undefined);
    // The run would fail with a snapshot of another version. No older snapshot is used in its place, since that would not be expected.
    requireOfThisVersion(snapshot);
    const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== null));
    return this.runs.start('FINE_TUNE', { ...given, ...named, snapshotId: snapshot.id }, requestedById);
  }

  /**
   * With the active model unless one is named.
   * @throws ClvError NOT_FOUND, MODEL_NOT_READY, BAD_USER_INPUT for a date to come, CONFLICT where none is given and a few
   *   stray orders would set it
   */
  async scoring({ modelId, asOf, horizonDays }: ModelRunRequest, requestedById: string | null): Promise<Run> {
    const model = await requireTrainedModel(this.dataSource.manager, modelId);
    const input = {
      modelId: model.id,
      asOf: await this.asOf(asOf),
      horizonDays: horizonDays ?? this.config.horizonDays,
    };
    return this.runs.start('SCORE', asJson(input), requestedById);
  }

  /** Notes the changes of values in lists after another model has become active. */
  noting(requestedById: string | null, manager: EntityManager): Promise<Run> {
    return this.runs.start('NOTE_CHANGES', {}, requestedById, manager);
  }

  /**
   * With the active model unless one is named; as of the last date whose horizon is over unless one is given.
   * @throws ClvError NOT_FOUND, MODEL_NOT_READY, INSUFFICIENT_DATA, BAD_USER_INPUT for a date to come
   */
  async evaluation(request: ModelRunRequest, requestedById: string | null): Promise<Run> {
    const model = await requireTrainedModel(this.dataSource.manager, request.modelId);
    const horizonDays = request.horizonDays ?? this.config.horizonDays;
    const asOf = request.asOf ?? (await this.lastClosedAsOf(horizonDays));
    refuseDateToCome(asOf);
    return this.runs.start('EVALUATE', asJson({ modelId: model.id, asOf, horizonDays }), requestedById);
  }

  /**
   * With the active model unless another one is named.
   * @throws ClvError NOT_FOUND, MODEL_NOT_READY; BAD_USER_INPUT for a date to come or without a horizon, or one model twice
   */
  async comparison(
    { modelId, againstId, asOf, horizonDays }: ComparisonStart,
    requestedById: string | null,
  ): Promise<Run> {
    const a = await requireTrainedModel(this.dataSource.manager, modelId);
    const b = await requireTrainedModel(this.dataSource.manager, againstId);
    if (a.id === b.id) {
      const why = againstId
        ? 'cannot be compared with itself'
        : 'is the active one, with which models are compared by default';
      throw new ClvError('BAD_USER_INPUT', `Model ${a.id} ${why}. Name two different models as modelId and againstId.`);
    }
    if (Boolean(asOf) !== Boolean(horizonDays)) {
      throw new ClvError('BAD_USER_INPUT', 'asOf and horizonDays go together: give both, or neither.');
    }
    if (asOf) refuseDateToCome(asOf);
    const input = { modelId: a.id, againstId: b.id, ...(asOf && horizonDays ? { asOf, horizonDays } : {}) };
    return this.runs.start('COMPARE', asJson(input), requestedById);
  }

  /**
   * @throws ClvError INSUFFICIENT_DATA where there are no orders, BAD_USER_INPUT where an attribute that the active model reads no longer
   *   exists, CONFLICT while another retrain is active, or where a few stray orders would set its date
   */
  async retrain(requestedById: string | null): Promise<Run> {
    await this.requireOrders();
    await this.asOf(null);
    await attributesForRetrain(this.dataSource.manager);
    const run = await this.runs.startUnlessActive('RETRAIN', {}, requestedById);
    if (!run) throw new ClvError('CONFLICT', 'A retrain is pending or running already. Wait for it, or cancel it.');
    return run;
  }

  /**
   * The given date, or the current one. Instants are cut to their day, since served predictions are as of days.
   * @throws ClvError BAD_USER_INPUT for a date to come, CONFLICT where a few stray orders would set the present one
   */
  private async asOf(given: Date | null | undefined, manager = this.dataSource.manager): Promise<Date> {
    const asOf = given ?? (await defaultAsOf(manager, this.config));
    refuseDateToCome(asOf);
    return startOfDay(asOf);
  }

  /**
   * Scores with this model as of the current date, unless it has scored for the horizon and as late a date, or is about to. Of several
   * concurrent calls, one starts it.
   * @param manager of the transaction that it is part of
   * @throws ClvError as `scoring`
   */
  async scoringForPresent(
    { id, scoredAsOf, scoredHorizonDays }: ModelVersion,
    requestedById: string | null,
    manager: EntityManager,
  ): Promise<void> {
    const { horizonDays } = this.config;
    const present = await servingAsOf(manager, this.config);
    if (scoredHorizonDays === horizonDays && scoredAsOf !== null && scoredAsOf >= present) return;
    const input = asJson({ modelId: id, asOf: await this.asOf(null, manager), horizonDays });
    await this.runs.startUnlessActive('SCORE', input, requestedById, input, manager);
  }

  /** Checks attributes. The API has checked their form already, the command line has not. */
  private async requireCovariates(names: readonly string[]): Promise<void> {
    const parsed = covariateNames.safeParse(names);
    if (!parsed.success) throw new ClvError('BAD_USER_INPUT', `${problemsOf(parsed.error, 'covariates')}.`);
    await requireAttributes(this.dataSource, names);
  }

  private async requireOrders(): Promise<void> {
    if (await this.dataSource.manager.exists(Order)) return;
    throw new ClvError('INSUFFICIENT_DATA', 'There are no orders yet. Import some, or send them with upsertOrders.');
  }

  private async lastClosedAsOf(horizonDays: number): Promise<Date> {
    // The last day of the data that is over.
    const last = await lastKnownDay(this.dataSource, new Date());
    if (last) return new Date(last.getTime() + (1 - horizonDays) * dayMs);
    throw new ClvError('INSUFFICIENT_DATA', 'There are no purchases to compare predictions with.');
  }

  private async completeSnapshot(id: string | undefined): Promise<Snapshot> {
    const snapshot = await this.dataSource.manager.findOne(Snapshot, {
      where: { ...(id === undefined ? {} : { id }), completedAt: Not(IsNull()) },
      order: { id: 'DESC' },
    });
    if (snapshot) return snapshot;
    const hint = 'Make one by startPreprocessing or clvgraph preprocess, and wait for it.';
    if (id !== undefined) throw noSuch('complete snapshot', id, hint);
    throw new ClvError('NOT_FOUND', `There is no complete snapshot. ${hint}`);
  }
}

/** @throws ClvError BAD_USER_INPUT for a day after `latestAsOf` */
function refuseDateToCome(asOf: Date): void {
  const latest = latestAsOf();
  if (startOfDay(asOf) <= latest) return;
  throw new ClvError(
    'BAD_USER_INPUT',
    `The as-of date ${asOf.toISOString()} is yet to come. Choose ${dayOf(latest)} or an earlier one.`,
  );
}

/** The input as it is stored in the run: dates as text. */
function asJson(input: object): Record<string, unknown> {
  return JSON.parse(JSON.stringify(input)) as Record<string, unknown>;
}
