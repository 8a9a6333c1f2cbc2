import type { CampaignPlan } from './campaign-plan.js';
import type { CampaignGroup } from '../../entities/index.js';
import { groupCondition } from './control-group.js';
import { compileFilter } from '../customers/filters/compiled-filter.js';
import { scopeOf } from '../customers/filters/filter-scope.js';
import { SqlParameters, type Statement } from '../sql-parameters.js';
import { predictionsOf, totalSpendStatement } from '../totals/total-spend-statement.js';

/** The order in which candidates are contacted: CLV DESC of lists. */
const mostValuableFirst = 'p.expected_value desc, p.customer_id desc';

/** The last customer that the budget pays for, if more are worth a contact. */
export interface CampaignCut {
  readonly value: number;
  readonly id: string;
}

/** Each row is a `CampaignCell`. */
export function cellsStatement(plan: CampaignPlan): Statement {
  const parameters = new SqlParameters();
  const candidates = candidatesOf(plan, parameters);
  const breakEven = parameters.add(plan.reach.breakEvenClv, 'float8');
  const affordable = parameters.add(plan.reach.affordable, 'bigint');
  const sql = `
      with candidate as materialized (
        select p.expected_value as value, p.customer_id as id
        ${candidates}
        order by ${mostValuableFirst}
      ),
      counted as (
        select count(*) as n, least(count(*) filter (where value > ${breakEven}), ${affordable}) as reached
        from candidate
      ),
      ranked as (
        select value, id, row_number() over w as rank, sum(value) over w as running
        from candidate
        window w as (order by value desc, id desc rows unbounded preceding)
      )
      select count(*)::integer as customers, sum(value) as predicted,
        count(*) filter (where rank <= reached)::integer as contacted,
        coalesce(sum(value) filter (where rank <= reached), 0) as "contactedPredicted",
        count(*) filter (where value > ${breakEven})::integer as profitable,
        max(rank) filter (where running / rank >= ${breakEven})::integer as "breakEvenDepth",
        max(id) filter (where rank = reached) as "marginalId",
        max(value) filter (where rank = reached) as "marginalPredicted"
      from ranked, counted
      group by (rank - 1) * 100 / n
      order by (rank - 1) * 100 / n`;
  return { sql, parameters: parameters.values };
}

/** Returns at most one `CampaignCut`. */
export function cutStatement(plan: CampaignPlan): Statement {
  const parameters = new SqlParameters();
  // If the statement were planned for the first candidates only, events would be read again for every row.
  const { countsEvents } = compileFilter(plan.filter, scopeOf(plan.period), new SqlParameters());
  const sql = `
      with candidate as ${countsEvents ? 'materialized' : 'not materialized'} (
        select p.expected_value as value, p.customer_id as id
        ${candidatesOf(plan, parameters)} and ${worthAContact(plan, parameters)}
      )
      select value, id from candidate
      order by value desc, id desc
      offset ${parameters.add(plan.reach.affordable - 1, 'bigint')} limit 1`;
  return { sql, parameters: parameters.values };
}

/** A `totalSpendStatement` of those who are contacted. */
export function contactedSpendStatement(plan: CampaignPlan, cut: CampaignCut | null): Statement {
  const parameters = new SqlParameters();
  return totalSpendStatement(
    plan.period,
    `${candidatesOf(plan, parameters)} and ${chosenCondition(plan, cut, parameters)}`,
    parameters,
  );
}

/** A condition on `prediction p`: worth a contact, within the budget, and in the group. */
export function chosenInGroup(
  group: CampaignGroup,
  plan: CampaignPlan,
  cut: CampaignCut | null,
  parameters: SqlParameters,
): string {
  return `${chosenCondition(plan, cut, parameters)} and ${groupCondition(group, plan.offer.control, parameters)}`;
}

/** A condition on `prediction p`: worth a contact and within the budget, in either group. */
function chosenCondition(plan: CampaignPlan, cut: CampaignCut | null, parameters: SqlParameters): string {
  if (plan.reach.affordable === 0) return 'false';
  const worthIt = worthAContact(plan, parameters);
  if (!cut) return worthIt;
  const last = `(${parameters.add(cut.value, 'float8')}, ${parameters.add(cut.id, 'bigint')})`;
  return `${worthIt} and (p.expected_value, p.customer_id) >= ${last}`;
}

export function worthAContact({ reach }: CampaignPlan, parameters: SqlParameters): string {
  return `p.expected_value > ${parameters.add(reach.breakEvenClv, 'float8')}`;
}

/** SQL of the customers who may be contacted. */
function candidatesOf(plan: CampaignPlan, parameters: SqlParameters): string {
  return `${consideredOf(plan, parameters)} and ${groupCondition('CONTACTED', plan.offer.control, parameters)}`;
}

/** SQL of candidates and held-out customers. */
export const consideredOf = ({ period, filter }: CampaignPlan, parameters: SqlParameters): string =>
  predictionsOf(period, filter, parameters);
