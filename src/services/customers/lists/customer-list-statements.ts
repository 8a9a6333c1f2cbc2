import { type CompiledFilter, compileFilter, namesCustomers } from '../filters/compiled-filter.js';
import { fillsLines } from '../filters/customer-filter-conditions.js';
import type { CustomerFilter } from '../customer-filter.types.js';
import type { FilterScope } from '../filters/filter-scope.js';
import type { CustomerOrder } from './customer-list-order.js';
import {
  cursorValue,
  type ListPart,
  type ListPosition,
  orderBy,
  placesOf,
  type Placing,
  placingOf,
} from './customer-list-placing.js';
import { changeColumns, type CustomerColumn, customerColumns } from './customer-rows.js';
import { fromTables, type Head } from './customer-list-tables.js';
import type { PredictionPeriod } from '../../predictions/prediction-store.js';
import { SqlParameters, type Statement } from '../../sql-parameters.js';

export interface PageContent {
  /** Most customers. */
  readonly limit: number;
  readonly columns: readonly CustomerColumn[];
  /** Whether to read the changes that the list is ordered by. */
  readonly changes?: boolean;
}

/** Number of customers, from the first in the list's order, that are looked at one by one: this takes some hundredths of a second. */
const triedFirst = 10_000;
/** `triedFirst` where the events of each customer are counted: some tenths of a second at most. */
const triedFirstByEvents = 1_000;

/** A choice by the predictions of one scoring; it means nothing for those of another. */
interface ChosenPredictions {
  readonly scored: PredictionPeriod;
  /** SQL condition on `prediction p`; its values are added to the parameters. */
  condition(parameters: SqlParameters): string;
}

/** Which customers are listed. */
export interface CustomerSelection {
  readonly filter?: CustomerFilter | null;
  /** Only customers with one of these predictions. */
  readonly among?: ChosenPredictions | undefined;
}

/** The statements that read the customers of one selection. */
export class CustomerListStatements {
  constructor(
    private readonly scope: FilterScope,
    private readonly selection: CustomerSelection,
  ) {}

  /** Whether a page may take long, since it reads all orders or events. */
  get goesThroughAll(): boolean {
    const { filter } = this.selection;
    if (!filter || namesCustomers(filter)) return false;
    return compileFilter(filter, this.scope, new SqlParameters()).goesThroughAll;
  }

  /** The customers' columns and `cursorValue`, by keyset pagination: rows before the position are not read. */
  page(order: CustomerOrder, part: ListPart, after: ListPosition | undefined, content: PageContent): Statement {
    const parameters = new SqlParameters();
    const placing = placingOf(order, part, after, parameters);
    const sql = this.isQuicklyFilled(placing)
      ? this.orderedPage(placing, content, parameters)
      : this.narrowedPage(placing, content, parameters);
    return { sql, parameters: parameters.values };
  }

  /** Whether reading in the list's order soon fills a page, or few customers can fit anyway. */
  private isQuicklyFilled({ key, part }: Placing): boolean {
    const { filter, among } = this.selection;
    if (!filter) return !among || key.table === 'prediction';
    if (namesCustomers(filter)) return true;
    return part === 'missing' && !compileFilter(filter, this.scope, new SqlParameters()).countsEvents;
  }

  private orderedPage(placing: Placing, { limit, ...content }: PageContent, parameters: SqlParameters): string {
    const filter = compileFilter(this.selection.filter, this.scope, parameters);
    return `
      select ${columnsOf(content)}, ${cursorValue(placing, placing.value)} as "cursorValue"
      ${this.from(filter, parameters, placing, { customer: true })}
      where ${this.conditions(filter, parameters, placing)}
      ${orderBy(placing.places, placing)} limit ${parameters.add(limit, 'integer')}`;
  }

  /**
   * If the first customers of the order do not fill the page, all who fit are found at once, in the way that the planner finds quickest:
   * reading on in the order might look up nearly the whole base one by one.
   */
  private narrowedPage(placing: Placing, { limit, ...content }: PageContent, parameters: SqlParameters): string {
    const size = parameters.add(limit, 'integer');
    const tried = placing.part === 'known' ? this.tried(placing, size, parameters) : undefined;
    const filter = compileFilter(this.selection.filter, this.scope, parameters);
    const value = placing.value && 'found.place';
    const order = orderBy(value ? [value, 'found.id'] : ['found.id'], placing);
    // `offset 0` keeps the planner from reading in the list's order after all.
    return `
      with ${tried ? `tried as materialized (${tried}),` : ''}
      fitting as (
        select id, place from (
          select ${placesOf(placing)}
          ${this.from(filter, parameters, placing)}
          where ${this.conditions(filter, parameters, placing)}${tried ? ` and (select count(*) from tried) < ${size}` : ''}
          offset 0) found
        ${order} limit ${size})
      select ${columnsOf(content)}, ${cursorValue(placing, value)} as "cursorValue"
      from (${tried ? `select * from tried where (select count(*) from tried) = ${size} union all ` : ''}select * from fitting) found
        join customer c on c.id = found.id
        ${content.changes ? 'left join clv_change v on v.customer_id = c.id' : ''}
      ${order}`;
  }

  /**
   * Customers of the page among the first ones of the order. None is tried if they must have bought products with few order lines: it is
   * quicker to find the customers of these lines.
   */
  private tried(placing: Placing, size: string, parameters: SqlParameters): string {
    const filter = compileFilter(this.selection.filter, this.scope, parameters, 'each');
    const { key, conditions } = placing;
    const head = {
      table: key.table,
      conditions: [...conditions, ...key.bounds.flatMap((name) => filter.parts.get(name) ?? [])],
      end: `${orderBy(placing.places, placing)} limit ${filter.countsEvents ? triedFirstByEvents : triedFirst}`,
    };
    const isSoldOften = filter.product ? ` and ${fillsLines(filter.product, triedFirst)}` : '';
    return `
        select ${placesOf(placing)}
        ${this.from(filter, parameters, placing, { customer: true, head })}
        where ${this.conditions(filter, parameters, placing)}${isSoldOften}
        ${orderBy(placing.places, placing)} limit ${size}`;
  }

  /** @param columns SQL of aggregates over the customers and, as `reads` says, their `prediction p` or `customer_summary s` */
  aggregate(columns: string, reads?: 'prediction' | 'summary'): Statement {
    const parameters = new SqlParameters();
    const filter = compileFilter(this.selection.filter, this.scope, parameters);
    const onlyPredicted = this.selection.among !== undefined || filter.requiresPrediction;
    const summary = filter.joinsSummary || reads === 'summary';
    const from = fromTables(this.scope, parameters, {
      // The customers' own rows are read only if they are needed.
      customer: filter.joinsCustomer || !(summary || onlyPredicted),
      summary,
      prediction: onlyPredicted ? 'inner' : (filter.joinsPrediction || reads === 'prediction') && 'left',
      change: filter.joinsChange,
    });
    const sql = `
      select ${columns}
      ${from}
      where ${this.conditions(filter, parameters)}`;
    return { sql, parameters: parameters.values };
  }

  private conditions({ condition }: CompiledFilter, parameters: SqlParameters, placing?: Placing): string {
    const { among } = this.selection;
    return [condition, ...(among ? [among.condition(parameters)] : []), ...(placing?.conditions ?? [])].join(' and ');
  }

  private from(
    filter: CompiledFilter,
    parameters: SqlParameters,
    { key: { table }, part }: Placing,
    { customer = false, head }: { customer?: boolean; head?: Head } = {},
  ): string {
    const byPrediction = table === 'prediction';
    const onlyPredicted = this.selection.among !== undefined || (byPrediction && part === 'known');
    return fromTables(this.scope, parameters, {
      // Customers without a value are found by their own rows.
      customer: customer || filter.joinsCustomer || part === 'missing' || table === 'customer' || table === 'change',
      summary: filter.joinsSummary || table === 'summary',
      prediction: onlyPredicted ? 'inner' : (byPrediction || filter.joinsPrediction) && 'left',
      change: filter.joinsChange || table === 'change',
      head,
    });
  }
}

const columnsOf = ({ columns, changes }: Omit<PageContent, 'limit'>): string =>
  changes ? `${customerColumns(columns)}, ${changeColumns}` : customerColumns(columns);

/**
 * Statement for the `id` of each customer and the `positions` of the filters that it fits.
 * @returns also whether it looks up each customer's orders or events, which takes long if many filters need them
 */
export function membershipStatement(
  filters: readonly CustomerFilter[],
  customerIds: readonly string[],
  scope: FilterScope,
): Statement & { readonly looksEachUp: boolean } {
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
  return {
    sql,
    parameters: parameters.values,
    looksEachUp: compiled.some(({ goesThroughAll }) => goesThroughAll),
  };
}
