import type { CampaignPlan } from './campaign-plan.js';
import { consideredOf, worthAContact } from './campaign-statements.js';
import { groupCondition } from './control-group.js';
import { SqlParameters, type Statement } from '../sql-parameters.js';

/** Numbers of members. */
export interface MemberCounts {
  readonly contacts: number;
  readonly control: number;
}

/**
 * Until the end of the transaction, no member is deleted and no other campaign is started: an erasure waits, and then finds the new members
 * to delete. To be taken before `keepMembersStatement`. Locks on the rows of customers would take longer than everything else.
 */
export const lockMembers = 'lock table campaign_member in share row exclusive mode';

/**
 * Stores the customers whom the plan contacts and holds out as members of a campaign: in one statement, so that all are of one scoring.
 * Returns `MemberCounts`.
 */
export function keepMembersStatement(plan: CampaignPlan, campaignId: string): Statement {
  const parameters = new SqlParameters();
  const isContacted = groupCondition('CONTACTED', plan.offer.control, parameters);
  const sql = `
      with worth_it as (
        select p.expected_value as value, p.customer_id as id, ${isContacted} as contacted
        ${consideredOf(plan, parameters)} and ${worthAContact(plan, parameters)}
      ),
      kept as (
        insert into campaign_member (campaign_id, customer_id, member_group, predicted)
        select ${parameters.add(campaignId, 'bigint')}, id,
          case when contacted then 'CONTACTED' else 'CONTROL' end::campaign_group, value
        from worth_it
        where ${withinBudget(plan, parameters)}
        order by id
        returning member_group
      )
      select count(*) filter (where member_group = 'CONTACTED')::integer as contacts,
        count(*) filter (where member_group = 'CONTROL')::integer as control
      from kept`;
  return { sql, parameters: parameters.values };
}

/** Cut as the lists are: at the last contact that the budget pays for. No customer beyond it is held out either. */
function withinBudget({ reach: { affordable } }: CampaignPlan, parameters: SqlParameters): string {
  if (affordable === 0) return 'false';
  if (affordable === Number.MAX_SAFE_INTEGER) return 'true';
  return `not exists (
          select from (
            select value, id from worth_it where contacted
            order by value desc, id desc
            offset ${parameters.add(affordable - 1, 'bigint')} limit 1
          ) last
          where (worth_it.value, worth_it.id) < (last.value, last.id)
        )`;
}

/** A `GroupSpend` and `memberGroup` for each group: what its members spent from the first to the last day, both included. */
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
