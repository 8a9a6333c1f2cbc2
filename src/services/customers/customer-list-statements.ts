import { type CompiledFilter, compileFilter, type FilterScope } from './customer-filter.js';
import type { CustomerFilter } from './customer-filter.types.js';
import { type CustomerOrder, type OrderKey, orderKeys } from './customer-list-order.js';
import { type CustomerColumn, customerColumns } from './customer-rows.js';
import type { PredictionPeriod } from '../predictions/prediction-store.js';
import { notScored, type ScoredBase } from '../scoring/scored-base.js';
import { SqlParameters } from '../sql-parameters.js';

/** Customers with a value come first, then those without. */
export type ListPart = 'known' | 'missing';

/** Of the last customer before the page. */
export interface ListPosition {
  readonly value: string | null;
  readonly id: string;
}

export interface Statement {
  readonly sql: string;
  readonly parameters: unknown[];
}

export interface PageContent {
  /** Customers at most. */
  readonly limit: number;
  readonly columns: readonly CustomerColumn[];
}

/** A condition on `prediction p` in SQL, its values added to the statement's. */
export type PredictionCondition = (parameters: SqlParameters) => string;

/** The statements that read the customers of one filter. */
export class CustomerListStatements {
  private readonly filter: CustomerFilter | null | undefined;
  private readonly among: PredictionCondition | undefined;

  /** @param among leaves only customers with a prediction, and one that meets the condition */
  constructor(
    private readonly scope: FilterScope,
    { filter, among }: { readonly filter?: CustomerFilter | null; readonly among?: PredictionCondition },
  ) {
    this.filter = filter;
    this.among = among;
  }

  /** The customers' columns and `cursorValue`, by keyset: what comes before the position is never read. */
  page(
    { field, direction }: CustomerOrder,
    part: ListPart,
    after: ListPosition | undefined,
    { limit, columns }: PageContent,
  ): Statement {
    const key = orderKeys[field];
    const descending = (direction === 'DESC') !== (key.inverted ?? false);
    const value = part === 'known' ? key.value : null;
    // Of a missing prediction there is no customer id either.
    const id = part === 'missing' && key.table === 'prediction' ? 'c.id' : key.id;
    // Nulls of a summary are named, too: else the planner does not see that the index has them in order.
    const ordered = key.value === null || id === 'c.id' ? [id] : [key.value, id];
    const parameters = new SqlParameters();
    const filter = compileFilter(this.filter, this.scope, parameters);
    const conditions = this.conditions(filter, parameters);
    if (key.missing) conditions.push(part === 'known' ? `not (${key.missing})` : key.missing);
    if (after) conditions.push(beyond(after, { value, id, type: key.type, descending }, parameters));
    const sql = `
      select ${customerColumns(columns)}, ${value === null ? 'null' : `${value}::text`} as "cursorValue"
      ${this.from(filter, parameters, { key, part })}
      where ${conditions.join(' and ')}
      order by ${ordered.map((column) => `${column} ${descending ? 'desc' : 'asc'}`).join(', ')}
      limit ${parameters.add(limit, 'integer')}`;
    return { sql, parameters: parameters.values };
  }

  /** @param columns SQL of aggregates over the customers and, where `ofPredictions` says so, their `prediction p` */
  aggregate(columns: string, ofPredictions = false): Statement {
    const parameters = new SqlParameters();
    const filter = compileFilter(this.filter, this.scope, parameters);
    const onlyPredicted = this.among !== undefined || filter.requiresPrediction;
    const from = fromTables(this.scope, parameters, {
      // Whose own row says nothing that is asked for need not be looked up.
      customer: filter.joinsCustomer || !(filter.joinsSummary || onlyPredicted),
      summary: filter.joinsSummary,
      prediction: onlyPredicted ? 'inner' : (filter.joinsPrediction || ofPredictions) && 'left',
    });
    const sql = `
      select ${columns}
      ${from}
      where ${this.conditions(filter, parameters).join(' and ')}`;
    return { sql, parameters: parameters.values };
  }

  private conditions({ condition }: CompiledFilter, parameters: SqlParameters): string[] {
    return this.among ? [condition, this.among(parameters)] : [condition];
  }

  private from(
    filter: CompiledFilter,
    parameters: SqlParameters,
    by?: { readonly key: OrderKey; readonly part: ListPart },
  ): string {
    const byPrediction = by?.key.table === 'prediction';
    const onlyPredicted = this.among !== undefined || (byPrediction && by.part === 'known');
    return fromTables(this.scope, parameters, {
      customer: true,
      summary: filter.joinsSummary || by?.key.table === 'summary',
      prediction: onlyPredicted ? 'inner' : (byPrediction || filter.joinsPrediction) && 'left',
    });
  }
}

/** `id` of each of the customers and `positions` of the filters that it fits. */
export function membershipStatement(
  filters: readonly CustomerFilter[],
  customerIds: readonly string[],
  scope: FilterScope,
): Statement {
  const parameters = new SqlParameters();
  const compiled = filters.map((filter) => compileFilter(filter, scope, parameters));
  const positions = compiled.map(({ condition }, i) => `case when ${condition} then ${i} end`);
  const sql = `
      select c.id, array_remove(array[${positions.join(', ')}]::integer[], null) as positions
      ${fromTables(scope, parameters, {
        customer: true,
        summary: compiled.some(({ joinsSummary }) => joinsSummary),
        prediction: compiled.some(({ joinsPrediction }) => joinsPrediction) && 'left',
      })}
      where c.id = any(${parameters.add(customerIds, 'bigint[]')})`;
  return { sql, parameters: parameters.values };
}

/** Only the tables that are named: a join that nothing needs would still be made. Every customer has a summary. */
function fromTables(
  scope: ScoredBase,
  parameters: SqlParameters,
  {
    customer,
    summary,
    prediction,
  }: { readonly customer: boolean; readonly summary: boolean; readonly prediction: 'inner' | 'left' | false },
): string {
  const id = customer ? 'c.id' : summary ? 's.customer_id' : null;
  const tables = [];
  if (customer) tables.push('customer c');
  if (summary) tables.push(customer ? 'join customer_summary s on s.customer_id = c.id' : 'customer_summary s');
  if (prediction) {
    const [table, period] = predictionOf(scope, parameters);
    tables.push(
      id === null
        ? `(select * from ${table} where ${period}) p`
        : `${prediction} join ${table} on p.customer_id = ${id} and ${period}`,
    );
  }
  return `from ${tables.join('\n        ')}`;
}

function beyond(
  after: ListPosition,
  { value, id, type, descending }: { value: string | null; id: string; type: string; descending: boolean },
  parameters: SqlParameters,
): string {
  const comparison = descending ? '<' : '>';
  const afterId = parameters.add(after.id, 'bigint');
  if (value === null) return `${id} ${comparison} ${afterId}`;
  return `(${value}, ${id}) ${comparison} (${parameters.add(after.value, type)}, ${afterId})`;
}

/** The table, and the condition that leaves the scored base of it. */
function predictionOf(scope: ScoredBase, parameters: SqlParameters): [table: string, condition: string] {
  if (!scope.scored) throw notScored(scope);
  return ['prediction p', ofPeriod(scope.scored, parameters)];
}

/** A condition on `prediction p`. */
export function ofPeriod({ modelId, horizonDays, asOf }: PredictionPeriod, parameters: SqlParameters): string {
  return `p.model_id = ${parameters.add(modelId, 'bigint')}
        and p.horizon_days = ${parameters.add(horizonDays, 'integer')}
        and p.as_of = ${parameters.add(asOf, 'timestamptz')}`;
}
