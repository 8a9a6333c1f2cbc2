import { In, type DataSource, type QueryDeepPartialEntity } from 'typeorm';
import { Segment } from '../../entities/index.js';
import { ClvError } from '../../errors.js';
import { cents } from '../../math.js';
import { compileFilter } from './filters/compiled-filter.js';
import type { CustomerFilter } from './customer-filter.types.js';
import { scopeOf } from './filters/filter-scope.js';
import type { CustomerListRequest, CustomerListService, CustomerPage } from './customer-list.service.js';
import type { CustomerOrder } from './lists/customer-list-order.js';
import { withFreeName } from '../free-name.js';
import { newestFirst } from '../newest-first.js';
import { noSuch } from '../no-such.js';
import type { Page, PageRequest } from '../paging.js';
import { SqlParameters } from '../sql-parameters.js';
import type { TotalInterval } from '../totals/total-spend.js';
import type { TotalsService } from '../totals/totals.service.js';
import { grouped } from '../../text.js';

/** Most characters as JSON: every page with `Customer.segments` reads and evaluates the filters of all segments. */
export const largestStoredFilter = 100_000;

/** Fields that are not given stay as they are. */
export interface SegmentChanges {
  readonly name?: string | null;
  /** Null clears it. */
  readonly description?: string | null;
  readonly filter?: CustomerFilter | null;
}

export interface NewSegment extends SegmentChanges {
  readonly name: string;
  readonly filter: CustomerFilter;
}

/** Number and predicted value of the customers who fit a filter now. */
interface SegmentWorth {
  readonly count: number;
  /** Null until the base was scored. */
  readonly totalPredicted: number | null;
  readonly meanPredicted: number | null;
}

/** Named filters. The members of a segment are not stored, but found each time. */
export class SegmentsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly lists: CustomerListService,
    private readonly totals: TotalsService,
  ) {}

  /** Newest first. */
  page(request: PageRequest): Promise<Page<Segment>> {
    return newestFirst(this.dataSource.getRepository(Segment), request);
  }

  findMany(ids: readonly string[]): Promise<Segment[]> {
    return this.dataSource.getRepository(Segment).findBy({ id: In(ids) });
  }

  /** @throws ClvError BAD_USER_INPUT for a wrong filter, CONFLICT where the name is taken */
  create({ name, description, filter }: NewSegment): Promise<Segment> {
    const segments = this.dataSource.getRepository(Segment);
    const segment = segments.create({ name, description: description ?? null, filter: storable(filter) });
    return withFreeName('segment', name, () => segments.save(segment));
  }

  /** @throws ClvError NOT_FOUND, BAD_USER_INPUT, CONFLICT */
  async update(id: string, { name, description, filter }: SegmentChanges): Promise<Segment> {
    const given = {
      ...(name !== null && name !== undefined && { name }),
      ...(description !== undefined && { description }),
      ...(filter && { filter: storable(filter) }),
    };
    const segments = this.dataSource.getRepository(Segment);
    // Only the given fields: others may be changed, or the segment deleted, at the same time.
    if (Object.keys(given).length > 0)
      await withFreeName('segment', name ?? '', () => segments.update(id, given as QueryDeepPartialEntity<Segment>));
    return this.get(id);
  }

  /** @returns what was deleted. @throws ClvError NOT_FOUND */
  async delete(id: string): Promise<Segment> {
    const segment = await this.get(id);
    const { affected } = await this.dataSource.getRepository(Segment).delete(id);
    // It may have been deleted meanwhile.
    if (affected === 0) throw noSuchSegment(id);
    return segment;
  }

  async worth(filter: CustomerFilter): Promise<SegmentWorth> {
    const { count, totalPredicted: total } = await this.lists.aggregate(filter);
    if (total === null) return { count, totalPredicted: null, meanPredicted: null };
    return { count, totalPredicted: cents(total), meanPredicted: cents(total / Math.max(count, 1)) };
  }

  /** Where the total net spend of the members will lie; null until the base was scored. */
  totalInterval(filter: CustomerFilter, level: number): Promise<TotalInterval | null> {
    return this.lists.inScope(async (scope) => {
      if (scope.scored) return this.totals.interval(scope.scored, filter, level);
      // Fails where the filter itself needs predictions.
      compileFilter(filter, scope, new SqlParameters());
      return null;
    });
  }

  async spent(filter: CustomerFilter): Promise<number> {
    return cents(await this.lists.spent(filter));
  }

  /** By default, the most valuable come first, or those who spent most if the base was not scored. */
  async members(filter: CustomerFilter, request: Omit<CustomerListRequest, 'filter'>): Promise<CustomerPage> {
    const page = (orderBy: CustomerOrder) => this.lists.page({ ...request, filter, orderBy });
    if (request.orderBy) return page(request.orderBy);
    const bySpend = () => page({ field: 'SPEND', direction: 'DESC' });
    if (!(await this.lists.isScored())) return bySpend();
    return page({ field: 'CLV', direction: 'DESC' }).catch((error: unknown) => {
      // A model that has not scored the base was promoted meanwhile.
      if (error instanceof ClvError && error.code === 'MODEL_NOT_READY') return bySpend();
      throw error;
    });
  }

  /** The segments of each customer. One statement evaluates a hundred segments. */
  async ofCustomers(customerIds: readonly string[]): Promise<Map<string, Segment[]>> {
    const segments = await this.dataSource.getRepository(Segment).find({ order: { id: 'ASC' } });
    const memberships = await this.lists.memberships(
      segments.map(({ filter }) => filter),
      customerIds,
    );
    return new Map(
      [...memberships].map(([customerId, positions]) => [customerId, positions.map((position) => segments[position]!)]),
    );
  }

  private async get(id: string): Promise<Segment> {
    const segment = await this.dataSource.getRepository(Segment).findOneBy({ id });
    if (segment) return segment;
    throw noSuchSegment(id);
  }
}

export function noSuchSegment(id: string): ClvError {
  return noSuch('segment', id, 'List the segments to see their ids.');
}

/** The filter as JSON, checked so that the segment can be read later. */
function storable(filter: CustomerFilter): Record<string, unknown> {
  const json = JSON.stringify(filter);
  if (json.length > largestStoredFilter) {
    throw new ClvError(
      'BAD_USER_INPUT',
      `The filter has ${grouped(json.length)} characters as JSON; that of a segment has ${grouped(largestStoredFilter)} at most.`,
    );
  }
  compileFilter(filter, scopeOf({ modelId: '0', horizonDays: 1, asOf: new Date(0) }), new SqlParameters());
  return JSON.parse(json) as Record<string, unknown>;
}
