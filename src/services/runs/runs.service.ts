import { setImmediate as nextTurn } from 'node:timers/promises';
import { type DataSource, type EntityManager, type FindOptionsWhere, In, JsonContains } from 'typeorm';
import { startLockClass } from '../../database/advisory-locks.js';
import type { Notifications } from '../../database/notifications.js';
import { Run, type RunKind, type RunState } from '../../entities/index.js';
import { ClvError } from '../../errors.js';
import { type Page, type PageRequest, decodeCursor, pageOf } from '../paging.js';
import { abandonModels, changeRun, lockRun, now, requestCancel, waitingForWorker } from './run-transitions.js';
import { holdForRun } from './unfinished-runs.js';
import { RunWatch } from './run-watch.js';
import { noSuch } from '../no-such.js';

/** Where runs wait for a worker. Both are written in the transaction that writes the run. */
export interface RunQueue {
  enqueue(manager: EntityManager, run: Run): Promise<void>;
  withdraw(manager: EntityManager, run: Run): Promise<void>;
}

interface RunFilter {
  kind?: RunKind | null;
  state?: RunState | null;
}

/** Starts, shows and cancels runs. */
export class RunsService {
  /** Reads that are about to begin. */
  private readonly reads = new Map<string, Promise<Run>>();

  constructor(
    private readonly dataSource: DataSource,
    private readonly queue: RunQueue,
    private readonly notifications: Notifications,
  ) {}

  /**
   * Records a run and enqueues its job; both or neither. Runs of one kind are executed one after the other.
   * @param manager of the transaction that it is part of, if any
   * @throws ClvError NOT_FOUND where a model or snapshot that the input names was deleted meanwhile
   */
  start(
    kind: RunKind,
    input: object,
    requestedById: string | null = null,
    manager = this.dataSource.manager,
  ): Promise<Run> {
    return manager.transaction((inner) => this.record(inner, kind, input, requestedById));
  }

  /**
   * `start`, or null if a run of the kind is pending or running already.
   * @param like only runs whose input contains this count; by default all
   * @param manager of the transaction that it is part of, if any
   */
  startUnlessActive(
    kind: RunKind,
    input: object,
    requestedById: string | null = null,
    like: Record<string, unknown> = {},
    manager = this.dataSource.manager,
  ): Promise<Run | null> {
    return manager.transaction(async (inner) => {
      // Of two concurrent callers, the second one sees the first one's run.
      await inner.query('select pg_advisory_xact_lock($1, hashtext($2))', [startLockClass, kind]);
      const active = await inner.existsBy(Run, {
        kind,
        input: JsonContains(like),
        state: In(['PENDING', 'RUNNING']),
      });
      return active ? null : this.record(inner, kind, input, requestedById);
    });
  }

  /** @throws ClvError NOT_FOUND */
  async get(id: string): Promise<Run> {
    const run = await this.find(id);
    if (run) return run;
    throw noSuch('run', id, 'List the runs to see their ids.');
  }

  find(id: string): Promise<Run | null> {
    return this.dataSource.manager.findOneBy(Run, { id });
  }

  /** The newest run of the kind whose input contains this and that has not failed or been cancelled. */
  findBegun(kind: RunKind, input: Record<string, unknown>): Promise<Run | null> {
    return this.dataSource.manager.findOne(Run, {
      where: { kind, input: JsonContains(input), state: In(['PENDING', 'RUNNING', 'COMPLETED']) },
      order: { createdAt: 'DESC' },
    });
  }

  /** Newest first. @throws ClvError BAD_USER_INPUT for a cursor of another list */
  async page(request: PageRequest, { kind, state }: RunFilter = {}): Promise<Page<Run>> {
    const [before] = decodeCursor(request.after, ['uuid']) ?? [];
    const where: FindOptionsWhere<Run> = { ...(kind ? { kind } : {}), ...(state ? { state } : {}) };
    const query = this.dataSource.manager.createQueryBuilder(Run, 'run').where(where);
    // Compared with the row itself, since a date in JavaScript loses the microseconds.
    if (before !== undefined) {
      query.andWhere('(run.created_at, run.id) < (select created_at, id from run where id = :before)', { before });
    }
    const runs = await query
      .orderBy('run.createdAt', 'DESC')
      .addOrderBy('run.id', 'DESC')
      .take(request.first + 1)
      .getMany();
    return pageOf(runs, request, (run) => [run.id]);
  }

  /**
   * Cancels a pending run at once. Asks the worker of a running one to stop, which happens at the handler's next check of its signal. A
   * cancelled run stays so.
   * @throws ClvError NOT_FOUND, CONFLICT where the run has completed or failed
   */
  async cancel(id: string): Promise<Run> {
    await this.get(id);
    await this.dataSource.transaction(async (manager) => {
      const run = await lockRun(manager, id);
      if (run.state === 'PENDING') {
        await changeRun(manager, { id }, { state: 'CANCELLED', cancelRequestedAt: now, settledAt: now });
        await abandonModels(manager, id);
        // If the run had begun, its job stays: the worker that takes it tidies up after the run's shards.
        if (run.startedAt === null) await this.queue.withdraw(manager, run);
      } else if (run.state === 'RUNNING') {
        await requestCancel(manager, id);
      } else if (run.state !== 'CANCELLED') {
        throw new ClvError('CONFLICT', `The run is ${run.state.toLowerCase()} already; it cannot be cancelled.`);
      }
    });
    return this.get(id);
  }

  /**
   * The run now and after every change, until it has ended. Changes that come faster than they are read are merged; the last one is never
   * missed.
   * @throws ClvError NOT_FOUND, at the first read
   */
  watch(id: string): AsyncIterableIterator<Run> {
    return new RunWatch(this.notifications, id, () => this.getTogether(id));
  }

  /**
   * `get` with one read, which begins after the calls, for all concurrent calls. All who watch a run hear of a change at the same time: a
   * read for each, four times a second, would make every other request wait for a connection.
   */
  getTogether(id: string): Promise<Run> {
    const known = this.reads.get(id);
    if (known) return known;
    const read = nextTurn().then(() => {
      this.reads.delete(id);
      return this.get(id);
    });
    this.reads.set(id, read);
    return read;
  }

  private async record(manager: EntityManager, kind: RunKind, input: object, requestedById: string | null) {
    await holdForRun(manager, { ...input });
    const run = await manager.save(
      manager.create(Run, { kind, input: { ...input }, requestedById, phase: waitingForWorker }),
    );
    await this.queue.enqueue(manager, run);
    return run;
  }
}
