import { In, IsNull, Not, type DataSource, type EntityManager } from 'typeorm';
import { promotionLock } from '../../database/advisory-locks.js';
import { throughDeadlocks } from '../../database/through-deadlocks.js';
import { ModelVersion, Snapshot } from '../../entities/index.js';
import { ClvError } from '../../errors.js';
import { newestFirst } from '../newest-first.js';
import type { Page, PageRequest } from '../paging.js';
import { sampleRows, type SnapshotExample } from './snapshots.service.js';
import { lockUnused } from '../runs/unfinished-runs.js';
import { noSuch } from '../no-such.js';

const largestSample = 100;

/** Finished snapshots: looked at, and removed. */
export class SnapshotCatalogue {
  constructor(private readonly dataSource: DataSource) {}

  /** Newest first. */
  page(request: PageRequest): Promise<Page<Snapshot>> {
    return newestFirst(this.dataSource.getRepository(Snapshot), request, { completedAt: Not(IsNull()) });
  }

  findMany(ids: readonly string[]): Promise<Snapshot[]> {
    return this.dataSource.getRepository(Snapshot).findBy({ id: In(ids), completedAt: Not(IsNull()) });
  }

  /** The finished snapshots of these runs. */
  madeBy(runIds: readonly string[]): Promise<Snapshot[]> {
    return this.dataSource.getRepository(Snapshot).findBy({ runId: In(runIds), completedAt: Not(IsNull()) });
  }

  /**
   * Removes a snapshot with its rows; models that were trained on it stay.
   * @returns as it was
   * @throws ClvError NOT_FOUND; CONFLICT for the one that drift of the serving model is measured by, or that a run works on
   */
  delete(id: string): Promise<Snapshot> {
    const work = async (manager: EntityManager): Promise<Snapshot> => {
      // No model of it begins to serve meanwhile; of two who delete it at once, one finds nothing.
      await manager.query(`select pg_advisory_xact_lock(${promotionLock})`);
      const snapshot = await manager.findOneBy(Snapshot, { id, completedAt: Not(IsNull()) });
      if (!snapshot) throw noSuch('snapshot', id, 'List the snapshots to see their ids.');
      const active = await manager.findOneBy(ModelVersion, { state: 'ACTIVE', snapshotId: id });
      if (active) {
        throw new ClvError(
          'CONFLICT',
          `Snapshot ${id} is what drift of the active model ${active.id} is measured against. Promote another model first.`,
        );
      }
      await lockUnused(manager, { kind: 'snapshot', id, runId: snapshot.runId });
      await manager.delete(Snapshot, { id });
      return snapshot;
    };
    // Erasures delete rows in another order.
    return throughDeadlocks(() => this.dataSource.transaction(work));
  }

  /** @throws ClvError BAD_USER_INPUT */
  async sample(snapshot: Snapshot, first: number): Promise<SnapshotExample[]> {
    if (first < 1 || first > largestSample) {
      throw new ClvError('BAD_USER_INPUT', `first is ${first}; a sample has 1 to ${largestSample} rows.`);
    }
    return sampleRows(this.dataSource, snapshot, first);
  }
}
