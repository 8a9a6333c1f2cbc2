import type { OrderKey } from './customer-list-order.js';
import type { PredictionPeriod } from '../../predictions/prediction-store.js';
import { notScored, type ScoredBase } from '../../scoring/scored-base.js';
import type { SqlParameters } from '../../sql-parameters.js';

/** The first rows of the table that a list is ordered by. */
export interface Head {
  readonly table: OrderKey['table'];
  readonly conditions: readonly string[];
  /** Order and limit. */
  readonly end: string;
}

interface JoinedTables {
  readonly customer: boolean;
  readonly summary: boolean;
  readonly prediction: 'inner' | 'left' | false;
  readonly change: boolean;
  /** Reads only the first rows of one of the tables. */
  readonly head?: Head | undefined;
}

/** Joins only the tables that are needed, since Postgres would make useless joins, too. Every customer has a summary. */
export function fromTables(
  scope: ScoredBase,
  parameters: SqlParameters,
  { customer, summary, prediction, change, head }: JoinedTables,
): string {
  const idWithoutCustomer = summary ? 's.customer_id' : null;
  const id = customer ? 'c.id' : idWithoutCustomer;
  const customers = head?.table === 'customer' ? headOf(head, 'customer', 'c') : 'customer c';
  const summaries = head?.table === 'summary' ? headOf(head, 'customer_summary', 's') : 'customer_summary s';
  const tables = [];
  if (customer) tables.push(customers);
  if (summary) tables.push(customer ? `join ${summaries} on s.customer_id = c.id` : summaries);
  if (prediction) {
    const period = scoredPeriod(scope, parameters);
    if (head?.table === 'prediction') {
      tables.push(`join ${headOf(head, 'prediction', 'p', period)} on p.customer_id = ${id}`);
    } else if (id === null) {
      tables.push(`(select * from prediction p where ${period}) p`);
    } else {
      tables.push(`${prediction} join prediction p on p.customer_id = ${id} and ${period}`);
    }
  }
  if (change) {
    const changes = head?.table === 'change' ? `join ${headOf(head, 'clv_change', 'v')}` : 'left join clv_change v';
    tables.push(`${changes} on v.customer_id = ${id ?? 'p.customer_id'}`);
  }
  return `from ${tables.join('\n        ')}`;
}

function headOf({ conditions, end }: Head, table: string, name: string, condition = 'true'): string {
  return `(select * from ${table} ${name} where ${[condition, ...conditions].join(' and ')} ${end}) ${name}`;
}

/** A condition that `prediction p` is of the scored base. */
function scoredPeriod(scope: ScoredBase, parameters: SqlParameters): string {
  if (!scope.scored) throw notScored(scope);
  return ofPeriod(scope.scored, parameters);
}

/** A condition that `prediction p` is of the period. */
export function ofPeriod({ modelId, horizonDays, asOf }: PredictionPeriod, parameters: SqlParameters): string {
  return `p.model_id = ${parameters.add(modelId, 'bigint')}
        and p.horizon_days = ${parameters.add(horizonDays, 'integer')}
        and p.as_of = ${parameters.add(asOf, 'timestamptz')}`;
}
