import type { PredictionBasis, Segment } from '../../entities/index.js';
import { compileFilter } from '../customers/filters/compiled-filter.js';
import { scopeOf } from '../customers/filters/filter-scope.js';
import type { CustomerFilter } from '../customers/customer-filter.types.js';
import { ofPeriod } from '../customers/lists/customer-list-tables.js';
import type { PredictionPeriod } from '../predictions/prediction-store.js';
import { SqlParameters, type Statement } from '../sql-parameters.js';

export interface ExportSelection {
  readonly period: PredictionPeriod;
  readonly filter: CustomerFilter | null;
  readonly memberships: readonly Segment[];
  readonly personalData: boolean;
}

/** What is read of a customer; a prediction's columns are null without one. */
export interface ExportRow {
  readonly id: string;
  readonly source: string;
  readonly externalId: string;
  readonly predicted: number | null;
  readonly purchaseProbability: number;
  readonly mu: number;
  readonly sigma: number;
  readonly expectedOrders: number;
  /** Also null in a scoring by an earlier version. */
  readonly expectedNextOrderDate: string | null;
  readonly percentile: number | null;
  readonly basis: PredictionBasis | null;
  /** For each requested segment, whether the customer is in it. */
  readonly memberships: readonly boolean[];
  /** Only where asked for. */
  readonly name?: string | null;
  readonly email?: string | null;
  readonly phone?: string | null;
}

/** An `ExportRow` of each customer, in the order of their ids. */
export function exportStatement(selection: ExportSelection): Statement {
  const { personalData } = selection;
  const parameters = new SqlParameters();
  const scope = scopeOf(selection.period);
  const inSegments = selection.memberships.map(
    // Null does not fit.
    ({ filter }) => `(${compileFilter(filter, scope, parameters, 'apart').condition}) is true`,
  );
  // Postgres leaves out left joins to tables that are not referred to.
  const sql = `
      select c.id, c.source, c.external_id as "externalId", p.expected_value as predicted,
        p.purchase_probability as "purchaseProbability", p.mu, p.sigma, p.percentile, p.basis,
        p.expected_orders as "expectedOrders", p.expected_next_order_date::text as "expectedNextOrderDate",
        array[${inSegments.join(', ')}]::boolean[] as memberships
        ${personalData ? ', d.name, d.email, d.phone' : ''}
      ${fromSelected(selection, parameters, personalData)}
      order by c.id`;
  return { sql, parameters: parameters.values };
}

/** Counts the customers of the export, as `n`. */
export function countStatement(selection: ExportSelection): Statement {
  const parameters = new SqlParameters();
  const sql = `select count(*)::integer as n ${fromSelected(selection, parameters, false)}`;
  return { sql, parameters: parameters.values };
}

function fromSelected(selection: ExportSelection, parameters: SqlParameters, personalData: boolean): string {
  const { condition } = compileFilter(selection.filter, scopeOf(selection.period), parameters);
  return `
      from customer c
        left join customer_summary s on s.customer_id = c.id
        left join prediction p on p.customer_id = c.id and ${ofPeriod(selection.period, parameters)}
        left join clv_change v on v.customer_id = c.id
        ${personalData ? 'left join customer_personal_data d on d.customer_id = c.id' : ''}
      where ${condition}`;
}
