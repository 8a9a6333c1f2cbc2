import pLimit from 'p-limit';
import type { DataSource } from 'typeorm';
import type { Config } from '../../config.js';
import type { Customer } from '../../entities/index.js';
import { ClvError } from '../../errors.js';
import { slicesOf } from '../../slices.js';
import { isTellable, namesCustomers } from './filters/compiled-filter.js';
import type { CustomerFilter } from './customer-filter.types.js';
import { filterOfFew, listsIds } from './filters/filter-of-few.js';
import type { FilterScope } from './filters/filter-scope.js';
import { type CustomerOrder, type OrderKey, orderKeys } from './lists/customer-list-order.js';
import type { ListPosition } from './lists/customer-list-placing.js';
import {
  CustomerListStatements,
  type CustomerSelection,
  membershipStatement,
  type PageContent,
} from './lists/customer-list-statements.js';
import { allCustomerColumns, type CustomerListRow, toListedCustomer } from './lists/customer-rows.js';
import { PlainCustomerPages } from './lists/plain-customer-pages.js';
import { type CursorKey, decodeCursor, type Page, pageOfRows, type PageRequest } from '../paging.js';
import { keyOfPeriod } from '../predictions/prediction-store.js';
import { findScoredBase, isStillRead, scoredAnew } from '../scoring/scored-base.js';
import { servingAsOf } from '../predictions/serving-as-of.js';
import type { Statement } from '../sql-parameters.js';

export interface CustomerListRequest extends PageRequest, CustomerSelection {
  readonly orderBy?: CustomerOrder | null;
  /** Names of the fields that are asked for; other columns may be missing. All fields where not given. */
  readonly asked?: ReadonlySet<string>;
}

/** A page with its selection, so that its total can be counted if it is asked for. */
export interface CustomerPage extends Page<Customer> {
  readonly selection: CustomerSelection;
}

interface CustomerAggregate {
  readonly count: number;
  /** Sum of the values of the last scoring of the whole base; null where there was none. */
  readonly totalPredicted: number | null;
}

/** Filters per statement, which has at most 65,535 parameters; a filter has some hundred. */
const filtersAtOnce = 100;

const oldestFirst: CustomerOrder = { field: 'CREATED', direction: 'ASC' };

/** Lists of customers, with one or two statements per page at any depth. */
export class CustomerListService {
  private readonly plainPages: PlainCustomerPages;
  /** Limits counts at a time, so that connections are left: counts of a large base take long, and a page of segments has many. */
  private readonly inTurn = pLimit(2);
  /** Limits slow pages at a time (filters or segments that go through all orders or events), apart from counts, which take even longer. */
  private readonly pagesInTurn = pLimit(2);

  constructor(
    private readonly dataSource: DataSource,
    private readonly config: Pick<Config, 'asOf'>,
  ) {
    this.plainPages = new PlainCustomerPages(dataSource);
  }

  /**
   * @throws ClvError BAD_USER_INPUT; MODEL_NOT_READY where filter or order need predictions and there are none; CONFLICT like `count`
   */
  async page(request: CustomerListRequest): Promise<CustomerPage> {
    const order = request.orderBy ?? oldestFirst;
    const name = `${order.field} ${order.direction}`;
    const key = orderKeys[order.field];
    const after = cursorOf(request, name, key);
    const rows = await this.rows(request, order, key, after);
    const page = pageOfRows(rows, request, {
      keyOf: (row) => [name, row.cursorValue, row.id],
      nodeOf: toListedCustomer,
    });
    return { ...page, selection: { filter: request.filter, among: request.among } };
  }

  private async rows(
    request: CustomerListRequest,
    order: CustomerOrder,
    key: OrderKey,
    after: ListPosition | undefined,
  ): Promise<CustomerListRow[]> {
    const wanted = request.first + 1;
    const { asked } = request;
    const columns = asked ? allCustomerColumns.filter((name) => asked.has(name)) : allCustomerColumns;
    // Read together with the list: later, a change might be of a newer scoring than the list.
    const changes = key.table === 'change' && (asked?.has('clvChange') ?? true);
    if (!request.filter && !request.among && order === oldestFirst) {
      return this.plainPages.page({ afterId: after?.id ?? '0', limit: wanted, columns });
    }
    return this.inScope(
      (scope) =>
        this.orderedRows(new CustomerListStatements(scope, request), order, after, { limit: wanted, columns, changes }),
      () => this.scopeFor(request, key),
      // If all rows have their predictions, none was removed meanwhile.
      (rows) => key.table === 'prediction' && rows.length > 0 && rows.every(({ cursorValue }) => cursorValue !== null),
    );
  }

  private async orderedRows(
    list: CustomerListStatements,
    order: CustomerOrder,
    after: ListPosition | undefined,
    { limit: wanted, ...content }: PageContent,
  ): Promise<CustomerListRow[]> {
    const key = orderKeys[order.field];
    const read = ({ sql, parameters }: Statement) => this.dataSource.query<CustomerListRow[]>(sql, parameters);
    const readPart = (statement: Statement) =>
      list.goesThroughAll ? this.pagesInTurn(() => read(statement)) : read(statement);
    const rows: CustomerListRow[] = [];
    const beyondKnown = after?.value === null && key.missing !== undefined;
    if (!beyondKnown) rows.push(...(await readPart(list.page(order, 'known', after, { limit: wanted, ...content }))));
    if (key.missing && rows.length < wanted) {
      const rest = { limit: wanted - rows.length, ...content };
      const from = beyondKnown ? after : undefined;
      rows.push(...(await readPart(list.page(order, 'missing', from, rest))));
    }
    return rows;
  }

  /** @throws ClvError CONFLICT where the base was scored again since customers were chosen `among` predictions */
  async count(selection: CustomerSelection): Promise<number> {
    const countIn = async (scope: FilterScope): Promise<number> => {
      const { sql, parameters } = new CustomerListStatements(scope, selection).aggregate('count(*)::integer as n');
      const count = () => this.dataSource.query<{ n: number }[]>(sql, parameters);
      const { filter } = selection;
      const [row] = await (filter && !namesCustomers(filter) ? this.inTurn(count) : count());
      return row?.n ?? 0;
    };
    return this.inScope(countIn, () => this.scopeFor(selection));
  }

  /** Count and predicted value of the customers who fit, in one statement. */
  async aggregate(filter: CustomerFilter): Promise<CustomerAggregate> {
    return this.inScope(async (scope) => {
      const worth = scope.scored ? 'coalesce(sum(p.expected_value), 0)' : 'null';
      const { sql, parameters } = new CustomerListStatements(scope, { filter }).aggregate(
        `count(*)::integer as count, ${worth} as "totalPredicted"`,
        scope.scored ? 'prediction' : undefined,
      );
      const [row] = await this.inTurn(() => this.dataSource.query<CustomerAggregate[]>(sql, parameters));
      return row!;
    });
  }

  /** Net spend of the customers who fit. Apart from `aggregate`, which mostly needs no summaries and is then faster. */
  async spent(filter: CustomerFilter): Promise<number> {
    return this.inScope(async (scope) => {
      const { sql, parameters } = new CustomerListStatements(scope, { filter }).aggregate(
        'coalesce(sum(s.spend), 0)::float8 as spent',
        'summary',
      );
      const [row] = await this.inTurn(() => this.dataSource.query<{ spent: number }[]>(sql, parameters));
      return row!.spent;
    });
  }

  /** For each customer the positions of the filters that it fits. Filters that cannot be evaluated now are left out. */
  async memberships(
    filters: readonly CustomerFilter[],
    customerIds: readonly string[],
  ): Promise<Map<string, number[]>> {
    return this.inScope((scope) => this.membershipsIn(scope, filters, customerIds));
  }

  private async membershipsIn(
    scope: FilterScope,
    filters: readonly CustomerFilter[],
    customerIds: readonly string[],
  ): Promise<Map<string, number[]>> {
    const found = new Map<string, number[]>(customerIds.map((id) => [id, []]));
    const asked = filters.some(listsIds) ? await this.filtersOf(customerIds, filters) : filters;
    const tellable = [...asked.keys()].filter((position) => isTellable(asked[position]!, scope));
    for (const some of slicesOf(tellable, filtersAtOnce)) {
      const { sql, parameters, looksEachUp } = membershipStatement(
        some.map((position) => asked[position]!),
        customerIds,
        scope,
      );
      const read = () => this.dataSource.query<{ id: string; positions: number[] }[]>(sql, parameters);
      const rows = await (looksEachUp ? this.pagesInTurn(read) : read());
      for (const { id, positions } of rows) found.get(id)?.push(...positions.map((place) => some[place]!));
    }
    return found;
  }

  private async filtersOf(
    customerIds: readonly string[],
    filters: readonly CustomerFilter[],
  ): Promise<CustomerFilter[]> {
    const rows = await this.dataSource.query<{ externalId: string }[]>(
      'select external_id as "externalId" from customer where id = any($1::bigint[])',
      [customerIds],
    );
    const externalIds = new Set(rows.map(({ externalId }) => externalId));
    return filters.map((filter) => filterOfFew(filter, externalIds));
  }

  /** Whether the base was scored: only then can lists be ordered by value. */
  async isScored(): Promise<boolean> {
    return (await findScoredBase(this.dataSource)).scored !== null;
  }

  async scope(): Promise<FilterScope> {
    const base = await findScoredBase(this.dataSource);
    const asOf = base.scored?.asOf ?? (await servingAsOf(this.dataSource, this.config));
    return { ...base, asOf };
  }

  /** Runs `find`, and again if a scoring that ended meanwhile may have removed the predictions that were read. */
  async inScope<T>(
    find: (scope: FilterScope) => Promise<T>,
    findScope: () => Promise<FilterScope> = () => this.scope(),
    isSure: (found: T) => boolean = () => false,
  ): Promise<T> {
    const scope = await findScope();
    const found = await find(scope);
    const holds = !scope.scored || isSure(found) || (await isStillRead(this.dataSource, scope.scored));
    return holds ? found : this.inScope(find, findScope, isSure);
  }

  /**
   * The scope of a selection; a plain list needs none, and no statement to find it.
   * @throws ClvError CONFLICT where lists no longer read the predictions that customers were chosen by
   */
  private async scopeFor({ filter, among }: CustomerSelection, key?: OrderKey): Promise<FilterScope> {
    if (!filter && !among && key?.table !== 'prediction')
      return { scored: null, isModelActive: false, asOf: new Date(0) };
    const scope = await this.scope();
    if (among && !(scope.scored && keyOfPeriod(scope.scored) === keyOfPeriod(among.scored))) throw scoredAnew();
    return scope;
  }
}

function cursorOf({ after }: PageRequest, name: string, { kind }: OrderKey): ListPosition | undefined {
  const key: CursorKey | undefined = decodeCursor(after, ['text', kind, 'id']);
  if (!key) return undefined;
  if (key[0] === name) return { value: key[1] as string | null, id: String(key[2]) };
  throw new ClvError(
    'BAD_USER_INPUT',
    `The cursor in "after" is of a list ordered by ${String(key[0])}, not by ${name}.`,
  );
}
