import type { CampaignPlan } from './campaign-plan.js';
import type { CampaignGroup } from '../../entities/index.js';
import { groupCondition } from './control-group.js';
import { compileFilter } from '../customers/filters/compiled-filter.js';
import { scopeOf } from '../customers/filters/filter-scope.js';
import { ofPeriod } from '../customers/lists/customer-list-tables.js';
import { SqlParameters, type Statement } from '../sql-parameters.js';

/** The order in which candidates are contacted: CLV DESC of lists. */
const mostValuableFirst = 'p.expected_value desc, p.customer_id desc';

/** Number of customers with the largest variances that are simulated one by one; the many others vary little. */
const simulatedCustomers = 1_000;

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

/**
 * A row for each of the contacted customers with the largest variances, with `contacted`, `mean` and `variance` of all contacted customers
 * together. Moments of the zero-inflated lognormal: E[V] = p exp(mu + s^2 / 2), E[V^2] = p exp(2 mu + 2 s^2).
 */
export function distributionsStatement(plan: CampaignPlan, cut: CampaignCut | null): Statement {
  const parameters = new SqlParameters();
  // Larger exponents are no amounts of money, but would overflow.
  const sql = `
      with moments as materialized (
        select p.purchase_probability::float8 as probability, p.mu::float8 as mu, p.sigma::float8 as sigma,
          p.purchase_probability * exp(least(p.mu::float8 + p.sigma::float8 ^ 2 / 2, 150)) as mean,
          p.purchase_probability * exp(least(2 * p.mu::float8 + 2 * p.sigma::float8 ^ 2, 300)) as square
        ${candidatesOf(plan, parameters)} and ${chosenCondition(plan, cut, parameters)}
      )
      select probability, mu, sigma, total.*
      from moments, (
        select count(*)::integer as contacted, sum(mean) as mean, sum(square - mean ^ 2) as variance from moments
      ) total
      order by square - moments.mean ^ 2 desc
      limit ${parameters.add(simulatedCustomers, 'integer')}`;
  return { sql, parameters: parameters.values };
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

/**
 * SQL of candidates and held-out customers. It starts from the predictions: each has a customer, and Postgres leaves out left joins to
 * tables that the filter does not name.
 */
export function consideredOf(plan: CampaignPlan, parameters: SqlParameters): string {
  const { condition } = compileFilter(plan.filter, scopeOf(plan.period), parameters);
  return `from prediction p
        left join customer c on c.id = p.customer_id
        left join customer_summary s on s.customer_id = p.customer_id
        left join clv_change v on v.customer_id = p.customer_id
        where ${ofPeriod(plan.period, parameters)}
          and ${condition}`;
}
