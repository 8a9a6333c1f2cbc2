import { In, IsNull, LessThan, Not, type DataSource } from 'typeorm';
import { Snapshot } from '../entities/index.js';
import { ClvError } from '../errors.js';
import { decodeCursor, pageOf, type Page, type PageRequest } from './paging.js';
import { sampleRows, type SnapshotExample } from './snapshots.service.js';

const largestSample = 100;

/** Looks at finished snapshots. */
export class SnapshotCatalogue {
  constructor(private readonly dataSource: DataSource) {}

  /** Newest first. */
  async page(request: PageRequest): Promise<Page<Snapshot>> {
    const [before] = decodeCursor(request.after, ['id']) ?? [];
    const snapshots = await this.dataSource.getRepository(Snapshot).find({
      where: { completedAt: Not(IsNull()), ...(before === undefined ? {} : { id: LessThan(String(before)) }) },
      order: { id: 'DESC' },
      take: request.first + 1,
    });
    return pageOf(snapshots, request, ({ id }) => [id]);
  }

  findMany(ids: readonly string[]): Promise<Snapshot[]> {
    return this.dataSource.getRepository(Snapshot).findBy({ id: In(ids), completedAt: Not(IsNull()) });
  }

  /** @throws ClvError BAD_USER_INPUT */
  async sample(id: string, first: number): Promise<SnapshotExample[]> {
    if (first < 1 || first > largestSample) {
      throw new ClvError('BAD_USER_INPUT', `first is ${first}; a sample has 1 to ${largestSample} rows.`);
    }
    return sampleRows(this.dataSource, id, first);
  }
}
