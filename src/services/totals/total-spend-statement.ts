import type { CustomerFilter } from '../customers/customer-filter.types.js';
import { compileFilter } from '../customers/filters/compiled-filter.js';
import { scopeOf } from '../customers/filters/filter-scope.js';
import { ofPeriod } from '../customers/lists/customer-list-tables.js';
import type { PredictionPeriod } from '../predictions/prediction-store.js';
import type { SqlParameters, Statement } from '../sql-parameters.js';

/** Number of customers with the largest variances that are simulated one by one; the many others vary little. */
const simulatedCustomers = 1_000;

/**
 * A row for each of the customers with the largest variances, with `customers`, `mean`, `variance` and `share` of all of them together.
 * Moments of the zero-inflated lognormal: E[V] = p exp(mu + s^2 / 2), E[V^2] = p exp(2 mu + 2 s^2).
 * @param chosen SQL from `from` on, of predictions `p` of the period
 */
export function totalSpendStatement(period: PredictionPeriod, chosen: string, parameters: SqlParameters): Statement {
  // Larger exponents are no amounts of money, but would overflow.
  const sql = `
      with moments as materialized (
        select p.purchase_probability::float8 as probability, p.mu::float8 as mu, p.sigma::float8 as sigma,
          p.expected_value as predicted,
          p.purchase_probability * exp(least(p.mu::float8 + p.sigma::float8 ^ 2 / 2, 150)) as mean,
          p.purchase_probability * exp(least(2 * p.mu::float8 + 2 * p.sigma::float8 ^ 2, 300)) as square
        ${chosen}
      )
      select probability, mu, sigma, total.*
      from moments, (
        select count(*)::integer as customers, sum(mean) as mean, sum(square - mean ^ 2) as variance,
          coalesce(sum(predicted) / nullif(
            (select sum(p.expected_value) from prediction p where ${ofPeriod(period, parameters)}), 0), 1) as share
        from moments
      ) total
      order by square - moments.mean ^ 2 desc
      limit ${parameters.add(simulatedCustomers, 'integer')}`;
  return { sql, parameters: parameters.values };
}

/**
 * SQL from `from` on of the predictions `p` of customers who match. It starts from the predictions: each has a customer, and Postgres leaves
 * out left joins to tables that the filter does not name.
 */
export function predictionsOf(
  period: PredictionPeriod,
  filter: CustomerFilter | null,
  parameters: SqlParameters,
): string {
  const { condition } = compileFilter(filter, scopeOf(period), parameters);
  return `from prediction p
        left join customer c on c.id = p.customer_id
        left join customer_summary s on s.customer_id = p.customer_id
        left join clv_change v on v.customer_id = p.customer_id
        where ${ofPeriod(period, parameters)}
          and ${condition}`;
}
