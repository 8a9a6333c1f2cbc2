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
  /** Looks only at so many customers, the first ones with a value in the list's order. */
  readonly ofFirst?: number;
}

/** The first rows of the table that a list is ordered by. */
interface Head {
  readonly table: OrderKey['table'];
  readonly conditions: readonly string[];
  /** Order and limit. */
  readonly end: string;
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

  /** Whether the filter counts events, so that it may be quicker to look at the first customers first. */
  get countsEvents(): boolean {
    return compileFilter(this.filter, this.scope, new SqlParameters()).countsEvents;
  }

  /** The customers' columns and `cursorValue`, by keyset: what comes before the position is never read. */
  page(
    { field, direction }: CustomerOrder,
    part: ListPart,
    after: ListPosition | undefined,
    { limit, columns, ofFirst }: PageContent,
  ): Statement {
    const key = orderKeys[field];
    const descending = (direction === 'DESC') !== (key.inverted ?? false);
    const value = part === 'known' ? key.value : null;
    // Of a missing prediction or change there is no customer id either.
    const id = part === 'missing' && key.table !== 'summary' ? 'c.id' : key.id;
    // Nulls of a summary are named, too: else the planner does not see that the index has them in order.
    const ordered = key.value === null || id === 'c.id' ? [id] : [key.value, id];
    const orderedBy = (places: readonly string[]) =>
      `order by ${places.map((place) => `${place} ${descending ? 'desc' : 'asc'}`).join(', ')}`;
    const parameters = new SqlParameters();
    const filter = compileFilter(this.filter, this.scope, parameters, ofFirst === undefined ? 'once' : 'each');
    const inPart: string[] = [];
    if (key.missing) inPart.push(part === 'known' ? `not (${key.missing})` : key.missing);
    if (after) inPart.push(beyond(after, { value, id, type: key.type, descending }, parameters));
    const first = (rows: string) => `${orderedBy(ordered)} limit ${rows}`;
    const head = ofFirst !== undefined && {
      table: key.table,
      conditions: inPart,
      end: first(parameters.add(ofFirst, 'integer')),
    };
    const rows = (places = '') => `
      select ${customerColumns(columns)}, ${value === null ? 'null' : (key.text ?? `${value}::text`)} as "cursorValue"${places}
      ${this.from(filter, parameters, { key, part, head })}
      where ${[...this.conditions(filter, parameters), ...inPart].join(' and ')}`;
    const size = parameters.add(limit, 'integer');
    if (!filter.countsEvents || head) return { sql: `${rows()} ${first(size)}`, parameters: parameters.values };
    // Planned for the first rows alone, the events that are read once would be gone through again for every row.
    const names = ['id', 'factsVersion', ...columns, 'cursorValue'].map((name) => `"${name}"`);
    const sql = `
      select ${names.join(', ')} from (
        ${rows(ordered.map((place, i) => `, ${place} as place${i}`).join(''))} offset 0) fitting
      ${orderedBy(ordered.map((_, i) => `place${i}`))} limit ${size}`;
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
      change: filter.joinsChange,
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
    by: { readonly key: OrderKey; readonly part: ListPart; readonly head: Head | false },
  ): string {
    const byPrediction = by.key.table === 'prediction';
    const onlyPredicted = this.among !== undefined || (byPrediction && by.part === 'known');
    return fromTables(this.scope, parameters, {
      customer: true,
      summary: filter.joinsSummary || by.key.table === 'summary',
      prediction: onlyPredicted ? 'inner' : (byPrediction || filter.joinsPrediction) && 'left',
      change: filter.joinsChange || by.key.table === 'change',
      head: by.head,
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
  const compiled = filters.map((filter) => compileFilter(filter, scope, parameters, 'each'));
  const positions = compiled.map(({ condition }, i) => `case when ${condition} then ${i} end`);
  const sql = `
      select c.id, array_remove(array[${positions.join(', ')}]::integer[], null) as positions
      ${fromTables(scope, parameters, {
        customer: true,
        summary: compiled.some(({ joinsSummary }) => joinsSummary),
        prediction: compiled.some(({ joinsPrediction }) => joinsPrediction) && 'left',
        change: compiled.some(({ joinsChange }) => joinsChange),
      })}
      where c.id = any(${parameters.add(customerIds, 'bigint[]')})`;
  return { sql, parameters: parameters.values };
}

interface JoinedTables {
  readonly customer: boolean;
  readonly summary: boolean;
  readonly prediction: 'inner' | 'left' | false;
  readonly change: boolean;
  /** Of one of them the first rows only. */
  readonly head?: Head | false;
}

/** Only the tables that are named: a join that nothing needs would still be made. Every customer has a summary. */
function fromTables(
  scope: ScoredBase,
  parameters: SqlParameters,
  { customer, summary, prediction, change, head = false }: JoinedTables,
): string {
  const idWithoutCustomer = summary ? 's.customer_id' : null;
  const id = customer ? 'c.id' : idWithoutCustomer;
  const customers = head && head.table === 'customer' ? headOf(head, 'customer', 'c') : 'customer c';
  const summaries = head && head.table === 'summary' ? headOf(head, 'customer_summary', 's') : 'customer_summary s';
  const tables = [];
  if (customer) tables.push(customers);
  if (summary) tables.push(customer ? `join ${summaries} on s.customer_id = c.id` : summaries);
  if (prediction) {
    const period = scoredPeriod(scope, parameters);
    if (head && head.table === 'prediction') {
      tables.push(`join ${headOf(head, 'prediction', 'p', period)} on p.customer_id = ${id}`);
    } else if (id === null) {
      tables.push(`(select * from prediction p where ${period}) p`);
    } else {
      tables.push(`${prediction} join prediction p on p.customer_id = ${id} and ${period}`);
    }
  }
  if (change) {
    const changes =
      head && head.table === 'change' ? `join ${headOf(head, 'clv_change', 'v')}` : 'left join clv_change v';
    tables.push(`${changes} on v.customer_id = ${id ?? 'p.customer_id'}`);
  }
  return `from ${tables.join('\n        ')}`;
}

function headOf({ conditions, end }: Head, table: string, name: string, condition = 'true'): string {
  return `(select * from ${table} ${name} where ${[condition, ...conditions].join(' and ')} ${end}) ${name}`;
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

/** A condition on `prediction p` that leaves the scored base. */
function scoredPeriod(scope: ScoredBase, parameters: SqlParameters): string {
  if (!scope.scored) throw notScored(scope);
  return ofPeriod(scope.scored, parameters);
}

/** A condition on `prediction p`. */
export function ofPeriod({ modelId, horizonDays, asOf }: PredictionPeriod, parameters: SqlParameters): string {
  return `p.model_id = ${parameters.add(modelId, 'bigint')}
        and p.horizon_days = ${parameters.add(horizonDays, 'integer')}
        and p.as_of = ${parameters.add(asOf, 'timestamptz')}`;
}
