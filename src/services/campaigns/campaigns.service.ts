import type { LimitFunction } from 'p-limit';
import type { DataSource } from 'typeorm';
import type { CampaignGroup } from '../../entities/index.js';
import { ClvError } from '../../errors.js';
import { type CampaignCell, type CampaignOutcome, outcomeOf } from './campaign-outcome.js';
import { type CampaignOffer, type CampaignPlan, reachOf } from './campaign-plan.js';
import {
  type CampaignCut,
  cellsStatement,
  chosenInGroup,
  contactedSpendStatement,
  cutStatement,
} from './campaign-statements.js';
import { type CampaignUncertainty, campaignUncertainty } from './campaign-uncertainty.js';
import type { CustomerFilter } from '../customers/customer-filter.types.js';
import type { CustomerListRequest, CustomerListService, CustomerPage } from '../customers/customer-list.service.js';
import { requireScoredBase, requireStillRead } from '../scoring/scored-base.js';
import type { OrderCurrencies, OrdersInCurrency } from '../customers/order-currencies.js';
import type { Statement } from '../sql-parameters.js';
import { noSuchSegment, type SegmentsService } from '../customers/segments.service.js';
import type { TotalsService } from '../totals/totals.service.js';

export interface CampaignRequest extends CampaignOffer {
  /** At most one of segment and filter; all customers with a prediction where neither is given. */
  readonly segmentId?: string | undefined;
  readonly filter?: CustomerFilter | null;
}

/** Whom to contact, and what that is expected to bring, by the active model's last scoring of the whole base. */
export class CampaignsService {
  /** @param inTurn limits statements that read the whole base */
  constructor(
    private readonly dataSource: DataSource,
    private readonly currencies: OrderCurrencies,
    private readonly segments: SegmentsService,
    private readonly lists: CustomerListService,
    private readonly totals: TotalsService,
    private readonly inTurn: LimitFunction,
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
    await requireStillRead(this.dataSource, plan.period);
    return outcomeOf(plan, cells);
  }

  async uncertainty(plan: CampaignPlan): Promise<CampaignUncertainty> {
    const cut = await this.cut(plan);
    const total = await this.totals.spend(plan.period, contactedSpendStatement(plan, cut));
    await requireStillRead(this.dataSource, plan.period);
    return campaignUncertainty(total, plan.offer);
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

const among = (group: CampaignGroup, plan: CampaignPlan, cut: CampaignCut | null): CustomerListRequest['among'] => ({
  scored: plan.period,
  condition: (parameters) => chosenInGroup(group, plan, cut, parameters),
});
