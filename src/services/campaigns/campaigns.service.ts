import pLimit from 'p-limit';
import type { DataSource } from 'typeorm';
import type { Queryable } from '../../database/queryable.js';
import { type CampaignGroup, ModelVersion } from '../../entities/index.js';
import { ClvError } from '../../errors.js';
import { levelScale } from '../../ml/training/level-error.js';
import { metricsOf } from '../models/model-metrics.js';
import { type CampaignCell, type CampaignOutcome, outcomeOf } from './campaign-outcome.js';
import { type CampaignOffer, type CampaignPlan, reachOf } from './campaign-plan.js';
import {
  type CampaignCut,
  cellsStatement,
  chosenInGroup,
  cutStatement,
  distributionsStatement,
} from './campaign-statements.js';
import {
  type CampaignUncertainty,
  campaignUncertainty,
  type SpendDistribution,
  type TotalSpend,
} from './campaign-uncertainty.js';
import type { CustomerFilter } from '../customers/customer-filter.types.js';
import type { CustomerListRequest, CustomerListService, CustomerPage } from '../customers/customer-list.service.js';
import { isStillRead, requireScoredBase, scoredAnew } from '../scoring/scored-base.js';
import type { OrderCurrencies, OrdersInCurrency } from '../customers/order-currencies.js';
import type { Statement } from '../sql-parameters.js';
import { noSuchSegment, type SegmentsService } from '../customers/segments.service.js';

export interface CampaignRequest extends CampaignOffer {
  /** At most one of segment and filter; all customers with a prediction where neither is given. */
  readonly segmentId?: string | undefined;
  readonly filter?: CustomerFilter | null;
}

type DistributionRow = SpendDistribution & Omit<TotalSpend, 'simulated'>;

const nobody = { contacted: 0, mean: 0, variance: 0 };

/** Whom to contact, and what that is expected to bring, by the active model's last scoring of the whole base. */
export class CampaignsService {
  /** Limits statements at a time, so that connections are left: each reads the whole base. */
  private readonly inTurn = pLimit(2);

  constructor(
    private readonly dataSource: DataSource,
    private readonly currencies: OrderCurrencies,
    private readonly segments: SegmentsService,
    private readonly lists: CustomerListService,
  ) {}

  /**
   * Checks everything. The other methods compute what to expect, each in one or two statements over the base, and throw CONFLICT if the
   * base was scored again meanwhile.
   * @throws ClvError BAD_USER_INPUT for terms that make no sense, NOT_FOUND without such a segment, MODEL_NOT_READY where
   *   the base was not scored, CONFLICT where orders of customers are in more than one currency
   */
  async plan({ segmentId, filter, ...offer }: CampaignRequest): Promise<CampaignPlan> {
    const reach = reachOf(offer);
    const period = await requireScoredBase(this.dataSource);
    return {
      period,
      filter: await this.filterOf(segmentId, filter),
      offer,
      currency: await this.currency(),
      reach,
    };
  }

  async expected(plan: CampaignPlan): Promise<CampaignOutcome> {
    const cells = await this.read<CampaignCell>(cellsStatement(plan));
    await requireStillRead(this.dataSource, plan);
    return outcomeOf(plan, cells);
  }

  async uncertainty(plan: CampaignPlan): Promise<CampaignUncertainty> {
    const cut = await this.cut(plan);
    const rows = await this.read<DistributionRow>(distributionsStatement(plan, cut));
    const level = await this.levelScaleOf(plan);
    await requireStillRead(this.dataSource, plan);
    return campaignUncertainty({ ...(rows[0] ?? nobody), simulated: rows }, plan.offer, level);
  }

  /** Customers of a group, by default the most valuable first. A filter limits who is listed, not who is contacted. */
  async customers(
    plan: CampaignPlan,
    group: CampaignGroup,
    { filter, orderBy, ...page }: CustomerListRequest,
  ): Promise<CustomerPage> {
    const filters = [plan.filter, filter].filter((each) => each !== null && each !== undefined);
    return this.lists.page({
      ...page,
      filter: filters.length > 1 ? { and: filters } : filters[0],
      orderBy: orderBy ?? { field: 'CLV', direction: 'DESC' },
      among: among(group, plan, await this.cut(plan)),
    });
  }

  /** The last contact that the budget pays for; null where it pays for everybody who is worth a contact. */
  private async cut(plan: CampaignPlan): Promise<CampaignCut | null> {
    const { affordable } = plan.reach;
    if (affordable === 0 || affordable === Number.MAX_SAFE_INTEGER) return null;
    const [cut] = await this.read<CampaignCut>(cutStatement(plan));
    return cut ?? null;
  }

  private async levelScaleOf({ period }: CampaignPlan): Promise<number> {
    const { manager } = this.dataSource;
    const model = await manager.findOne(ModelVersion, { select: { metrics: true }, where: { id: period.modelId } });
    return levelScale((model && metricsOf(model).validation?.biasInterval) ?? null);
  }

  private async filterOf(
    segmentId: string | undefined,
    filter: CustomerFilter | null | undefined,
  ): Promise<CustomerFilter | null> {
    if (segmentId === undefined) return filter ?? null;
    if (filter) throw new ClvError('BAD_USER_INPUT', 'Give "segment" or "filter", not both.');
    const [segment] = await this.segments.findMany([segmentId]);
    if (segment) return segment.filter;
    throw noSuchSegment(segmentId);
  }

  /** Refuses orders in several currencies: sums of their amounts, and predictions of these, mean nothing beside a cost. */
  async currency(): Promise<string> {
    const { first, last } = await this.currencies.range();
    if (first === last) return first;
    const counted = await this.currencies.counted();
    const [usual, rarest] = [counted[0], counted.at(-1)] as [OrdersInCurrency, OrdersInCurrency];
    throw new ClvError(
      'CONFLICT',
      'Orders of customers are in more than one currency: what customers are worth cannot be compared with the cost of ' +
        `a contact. ${usual.orders} are in ${usual.currency} and ${rarest.orders} in ${rarest.currency}, such as order ` +
        `"${rarest.externalId}" of source "${rarest.source}". Send those again in ${usual.currency}, delete them or ` +
        'erase their customers, then preprocess, train and score again.',
    );
  }

  private read<Row>({ sql, parameters }: Statement): Promise<Row[]> {
    return this.inTurn(() => this.dataSource.query<Row[]>(sql, parameters));
  }
}

/** @throws ClvError CONFLICT if the plan's predictions may have been removed while they were read */
export async function requireStillRead(queryable: Queryable, { period }: CampaignPlan): Promise<void> {
  if (await isStillRead(queryable, period)) return;
  throw scoredAnew();
}

const among = (group: CampaignGroup, plan: CampaignPlan, cut: CampaignCut | null): CustomerListRequest['among'] => ({
  scored: plan.period,
  condition: (parameters) => chosenInGroup(group, plan, cut, parameters),
});
