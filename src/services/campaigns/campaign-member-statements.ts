import type { CampaignPlan } from './campaign-plan.js';
import { consideredOf, worthAContact } from './campaign-statements.js';
import { groupCondition } from './control-group.js';
import type { Statement } from '../customers/customer-list-statements.js';
import { SqlParameters } from '../sql-parameters.js';

/** How many became members. */
export interface MemberCounts {
  readonly contacts: number;
  readonly control: number;
}

/**
 * Keeps whom the plan contacts and holds out as members of a campaign: all in one statement, so of one scoring, but for
 * customers who are being erased. Gives `MemberCounts`.
 */
export function keepMembersStatement(plan: CampaignPlan, campaignId: string): Statement {
  const parameters = new SqlParameters();
  const isContacted = groupCondition('CONTACTED', plan.offer.control, parameters);
  const affordable = parameters.add(plan.reach.affordable, 'bigint');
  const sql = `
      with worth_it as materialized (
        select p.expected_value as value, p.customer_id as id, ${isContacted} as contacted
        ${consideredOf(plan, parameters)} and ${worthAContact(plan, parameters)}
      ),
      -- As the lists are cut: at the last contact that the budget pays for, and no customer beyond it is held out.
      ranked as (
        select *, count(*) filter (where contacted) over (order by value desc, id desc) as contacts from worth_it
      ),
      kept as (
        insert into campaign_member (campaign_id, customer_id, member_group, predicted)
        select ${parameters.add(campaignId, 'bigint')}, c.id,
          case when contacted then 'CONTACTED' else 'CONTROL' end::campaign_group, value
        from ranked join customer c on c.id = ranked.id
        where contacts < ${affordable} or (contacts = ${affordable} and contacted)
        order by c.id
        for key share of c
        returning member_group
      )
      select count(*) filter (where member_group = 'CONTACTED')::integer as contacts,
        count(*) filter (where member_group = 'CONTROL')::integer as control
      from kept`;
  return { sql, parameters: parameters.values };
}

/** A `GroupSpend` with its `memberGroup` for each group, of what its members spent on the days, both included. */
export const spendStatement = `
      select "memberGroup", count(*)::integer as customers, count(*) filter (where spend > 0)::integer as buyers,
        avg(spend) as "meanSpend", coalesce(var_samp(spend), 0) as "varianceSpend",
        avg(predicted) as "meanPredicted", coalesce(var_samp(predicted), 0) as "variancePredicted",
        coalesce(covar_samp(spend, predicted), 0) as covariance
      from (
        select m.member_group as "memberGroup", m.predicted, coalesce(sum(d.net), 0)::float8 as spend
        from campaign_member m
          left join purchase_day d on d.customer_id = m.customer_id and d.day between $2::date and $3::date
        where m.campaign_id = $1
        group by m.campaign_id, m.customer_id
      ) member
      group by "memberGroup"`;
