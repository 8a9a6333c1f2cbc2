import pLimit from 'p-limit';
import type { DataSource, EntityManager } from 'typeorm';
import type { Config } from '../../config.js';
import { throughDeadlocks } from '../../database/through-deadlocks.js';
import { dayMs, dayOf, midnightOf, startOfDay } from '../../days.js';
import { Campaign, type CampaignGroup, CampaignMember } from '../../entities/index.js';
import { ClvError } from '../../errors.js';
import { cents } from '../../math.js';
import { counted } from '../../text.js';
import { servingAsOf } from '../predictions/serving-as-of.js';
import { lastKnownDay } from '../preprocessing/stray-orders.js';
import { withFreeName } from '../free-name.js';
import { newestFirst } from '../newest-first.js';
import { noSuch } from '../no-such.js';
import type { Page, PageRequest } from '../paging.js';
import { campaignEffect, type CampaignEffect, type GroupSpend } from './campaign-effect.js';
import { keepMembersStatement, lockMembers, type MemberCounts, spendStatement } from './campaign-member-statements.js';
import type { CampaignRequest, CampaignsService } from './campaigns.service.js';
import { requireStillRead } from '../scoring/scored-base.js';
import type { ControlGroup } from './control-group.js';

interface CampaignStart extends CampaignRequest {
  readonly control: ControlGroup;
  /** The first UTC day on which spend counts; today where not given. */
  readonly startsOn?: Date | null;
}

/** An effect, and the first and last day on which spend was counted, both included. */
export interface MeasuredEffect extends CampaignEffect {
  readonly from: Date;
  readonly until: Date;
  readonly contacted: GroupSpend;
  readonly control: GroupSpend;
}

/** A variance needs two. */
const leastMembers = 2;

/**
 * Campaigns that were started. Their members are stored, since a plan contacts other customers with each scoring: groups that are found
 * later would depend on the effect of the campaign.
 */
export class CampaignRecords {
  /** Limits effects at a time, so that connections are left: those of large campaigns take long. */
  private readonly inTurn = pLimit(2);

  constructor(
    private readonly dataSource: DataSource,
    private readonly config: Pick<Config, 'asOf'>,
    private readonly campaigns: CampaignsService,
  ) {}

  /** Newest first. */
  page(request: PageRequest): Promise<Page<Campaign>> {
    return newestFirst(this.dataSource.getRepository(Campaign), request);
  }

  find(id: string): Promise<Campaign | null> {
    return this.dataSource.getRepository(Campaign).findOneBy({ id });
  }

  /**
   * Stores the customers whom the plan of these terms contacts and holds out.
   * @throws ClvError as `CampaignsService.plan`; BAD_USER_INPUT for a start in the past; CONFLICT where the name is taken,
   *   where a group has fewer than two customers, or where the base was scored anew meanwhile
   */
  async start({ startsOn, ...request }: CampaignStart): Promise<Campaign> {
    const plan = await this.campaigns.plan(request);
    const earliest = new Date(Math.max((await this.now()).getTime(), startOfDay(plan.period.asOf).getTime()));
    const { control, contactCost, margin, uplift } = request;
    const terms = { contactCost, margin, uplift, currency: plan.currency };
    const day = requireStart(startsOn ?? earliest, earliest);
    return withFreeName('campaign', control.campaign, () =>
      this.dataSource.transaction(async (manager) => {
        const campaign = await manager.save(
          manager.create(Campaign, {
            ...terms,
            name: control.campaign,
            startsOn: dayOf(day),
            controlShare: control.share,
            contacts: 0,
          }),
        );
        await manager.query(lockMembers);
        const { sql, parameters } = keepMembersStatement(plan, campaign.id);
        const [counts] = await manager.query<[MemberCounts]>(sql, parameters);
        await requireStillRead(manager, plan.period);
        requireMembers(counts);
        campaign.contacts = counts.contacts;
        return manager.save(campaign);
      }),
    );
  }

  /** Deletes a campaign and its members. @returns what was deleted. @throws ClvError NOT_FOUND */
  async delete(id: string): Promise<Campaign> {
    const campaign = await this.find(id);
    if (!campaign) throw noSuchCampaign(id);
    const work = async (manager: EntityManager): Promise<void> => {
      await manager.delete(CampaignMember, { campaignId: id });
      const { affected } = await manager.delete(Campaign, { id });
      // It may have been deleted meanwhile.
      if (affected === 0) throw noSuchCampaign(id);
    };
    // Erasures delete members in another order.
    await throughDeadlocks(() => this.dataSource.transaction(work));
    return campaign;
  }

  /**
   * The effect on the first `days` days, as far as these are over and their orders are known.
   * @param days all where not given
   * @returns null before the first such day, and where erasures left fewer than two customers of a group
   * @throws ClvError CONFLICT where orders of customers are in more than one currency, or all in another one than its cost
   */
  async effect(
    { id, name, startsOn, currency, contacts, contactCost, margin }: Campaign,
    days?: number | null,
  ): Promise<MeasuredEffect | null> {
    requireCurrency(name, currency, await this.campaigns.currency());
    const from = midnightOf(startsOn);
    // On days whose orders are not imported yet, nobody would seem to have bought.
    const last = await lastKnownDay(this.dataSource, await this.now());
    if (!last || last < from) return null;
    const until = new Date(Math.min(last.getTime(), from.getTime() + ((days ?? Infinity) - 1) * dayMs));
    const groups = await this.inTurn(() =>
      this.dataSource.query<(GroupSpend & { readonly memberGroup: CampaignGroup })[]>(spendStatement, [
        id,
        startsOn,
        dayOf(until),
      ]),
    );
    const group = (name: CampaignGroup) => groups.find(({ memberGroup }) => memberGroup === name);
    const [contacted, control] = [group('CONTACTED'), group('CONTROL')];
    if (!contacted || !control || Math.min(contacted.customers, control.customers) < leastMembers) return null;
    const effect = campaignEffect({ contacted, control, contacts, contactCost, margin });
    return { ...effect, from, until, contacted: inCents(contacted), control: inCents(control) };
  }

  /** The beginning of the first day that is not over. */
  private now(): Promise<Date> {
    return servingAsOf(this.dataSource, this.config);
  }
}

const inCents = (group: GroupSpend): GroupSpend => ({
  ...group,
  meanSpend: cents(group.meanSpend),
  meanPredicted: cents(group.meanPredicted),
});

const noSuchCampaign = (id: string): ClvError => noSuch('campaign', id, 'List the campaigns to see their ids.');

/** Refuses a start in the past: the stored groups would differ from those that were contacted. */
function requireStart(startsOn: Date, earliest: Date): Date {
  if (startsOn >= earliest) return startsOn;
  throw new ClvError(
    'BAD_USER_INPUT',
    `"startsOn" is ${dayOf(startsOn)}; it must be ${dayOf(earliest)} or later: a campaign is started before anybody is ` +
      'contacted.',
  );
}

/** Checks that the currency is that of the start: orders may have been sent again in another one. */
function requireCurrency(name: string, started: string, now: string): void {
  if (now === started) return;
  throw new ClvError(
    'CONFLICT',
    `The costs of campaign "${name}" are in ${started}, but orders of customers are in ${now} by now. Send orders again in ` +
      `${started} to see its effect.`,
  );
}

function requireMembers({ contacts, control }: MemberCounts): void {
  if (Math.min(contacts, control) >= leastMembers) return;
  throw new ClvError(
    'CONFLICT',
    `${counted(contacts, 'customer')} would be contacted and ${control} held out; each group needs two or more. See what ` +
      'campaignPlan says of these terms, or give another share.',
  );
}
