import type { DataSource } from 'typeorm';
import type { BehaviorEventType } from '../../entities/index.js';
import { ClvError } from '../../errors.js';
import { sum } from '../../math.js';
import { grouped } from '../../text.js';
import { type AnswerBudget, answerTooLarge, mostLines } from '../largest-answer.js';
import { decodeCursor, exactInstant, type Page, pageOf, type PageRequest } from '../paging.js';

const tooManyLines = (): ClvError =>
  new ClvError(
    'QUERY_TOO_COMPLEX',
    `The answer would have more than ${grouped(mostLines)} lines of orders. Ask for fewer orders by "first", or in several requests.`,
  );

/** A page of one customer's history. */
export interface HistoryRequest extends PageRequest {
  readonly customerId: string;
}

/** The large columns of events: texts of up to 100,000 characters, and objects of up to 20,000. */
export const longColumns = ['text', 'attributes'] as const;

export interface EventsRequest extends HistoryRequest {
  /** The large columns that are to be read; the others are null. */
  readonly long: readonly (typeof longColumns)[number][];
}

export interface HistoricOrder {
  readonly id: string;
  readonly source: string;
  readonly externalId: string;
  readonly placedAt: Date;
  readonly currency: string;
  readonly total: string;
  readonly itemCount: number;
}

export interface HistoricOrderLine {
  readonly orderId: string;
  readonly quantity: number;
  readonly unitPrice: string;
  readonly productExternalId: string | null;
  readonly productName: string | null;
  readonly category: string | null;
}

export interface HistoricEvent {
  readonly source: string;
  readonly externalId: string;
  readonly type: BehaviorEventType;
  readonly occurredAt: Date;
  readonly text: string | null;
  readonly attributes: Record<string, unknown>;
  readonly productExternalId: string | null;
  readonly productName: string | null;
  readonly category: string | null;
}

/** A row's position in its list; `at` keeps the microseconds, which a Date would lose. */
interface Placed {
  readonly request: number;
  readonly at: string;
  readonly id: string;
  /** Length of the large columns of this row and all before it. */
  readonly lengthSoFar?: string;
}

/** Whether a row comes after the request's cursor. By its first part, an index and the monthly partitions of events can be searched. */
const follows = (at: string, id: string): string =>
  `${at} <= coalesce(r.at, 'infinity') and (r.at is null or (${at}, ${id}) < (r.at, r.id))`;

/** Orders and events of customers, newest first: pages for many customers in one statement. */
export class CustomerHistoryService {
  constructor(private readonly dataSource: DataSource) {}

  /** Pages of orders, in the order of the requests. @throws ClvError BAD_USER_INPUT for a cursor of another list */
  orders(requests: readonly HistoryRequest[]): Promise<Page<HistoricOrder>[]> {
    return this.pages<HistoricOrder>(
      requests,
      `select o.id, o.source, o.external_id as "externalId", o.placed_at as "placedAt", o.currency,
         trim_scale(o.total)::text as total, o.item_count as "itemCount", ${exactInstant('o.placed_at')} as at
       from customer_order o
       where o.customer_id = r.customer_id and ${follows('o.placed_at', 'o.id')}
       order by o.placed_at desc, o.id desc limit r.first + 1`,
    );
  }

  /**
   * Pages of events, in the order of the requests, with texts and attributes as far as each request asks for them. The extra row that tells
   * whether a page is the last one has neither.
   * @param budget is charged for texts and attributes
   * @throws ClvError BAD_USER_INPUT for a cursor of another list, QUERY_TOO_COMPLEX where the budget does not suffice
   */
  events(requests: readonly EventsRequest[], budget: AnswerBudget): Promise<Page<HistoricEvent>[]> {
    const measured = requests.some(({ long }) => long.length > 0);
    // Computed only where large columns are read, since it takes a tenth more time.
    const place = measured ? 'row_number() over (order by page."occurredAt" desc, page.id desc)' : '0';
    const asked = (name: string): string =>
      `case when e.place <= r.first and '${name}' = any(string_to_array(r.long, ',')) then e.${name} end`;
    const columns = longColumns.map((name) => `${asked(name)} as ${name}`);
    const lengths = longColumns.map((name) => `coalesce(octet_length((${asked(name)})::text), 0)`);
    return this.pages<HistoricEvent>(
      requests,
      `select e.id, e.source, e."externalId", e.type, e."occurredAt", ${columns.join(', ')}, e.at,
         ${lengths.join(' + ')} as length, e."productExternalId", e."productName", e.category
       from (
         select page.*, ${place} as place
         from (
           select e.id, e.source, e.external_id as "externalId", e.type, e.occurred_at as "occurredAt", e.text, e.attributes, ${exactInstant('e.occurred_at')} as at,
             g.external_id as "productExternalId", nullif(g.name, '') as "productName", g.category
           from behavior_event e left join product g on g.id = e.product_id
           where e.customer_id = r.customer_id and ${follows('e.occurred_at', 'e.id')}
           order by e.occurred_at desc, e.id desc limit r.first + 1
         ) page
       ) e`,
      measured ? budget : undefined,
    );
  }

  /**
   * All lines of each order, as recorded, in their order.
   * @param budget is charged for the lines of an order as often as the order is asked for, since they are then in the answer as often
   * @throws ClvError QUERY_TOO_COMPLEX where the budget does not suffice
   */
  async lines(orderIds: readonly string[], budget: AnswerBudget): Promise<HistoricOrderLine[][]> {
    const byOrder = new Map(orderIds.map((id): [string, HistoricOrderLine[]] => [id, []]));
    const read = await this.dataSource.query<HistoricOrderLine[]>(
      `select l.order_id as "orderId", l.quantity, trim_scale(l.unit_price)::text as "unitPrice",
         g.external_id as "productExternalId", nullif(g.name, '') as "productName", g.category
       from order_line l left join product g on g.id = l.product_id
       where l.order_id = any($1::bigint[])
       order by l.order_id, l.line_number limit $2`,
      [[...byOrder.keys()], Math.max(budget.lines, 0) + 1],
    );
    for (const line of read) byOrder.get(line.orderId)!.push(line);
    const lines = orderIds.map((id) => byOrder.get(id)!);
    budget.lines -= sum(lines.map(({ length }) => length));
    if (budget.lines < 0) throw tooManyLines();
    return lines;
  }

  /** @param budget given where rows have a `length`: reading stops where it is used up */
  private async pages<Row>(
    requests: readonly (HistoryRequest & Partial<EventsRequest>)[],
    rowsOfRequest: string,
    budget?: AnswerBudget,
  ): Promise<Page<Row>[]> {
    const inOrder = 'order by r.request, page.at desc, page.id desc';
    const after = requests.map((request) => decodeCursor(request.after, ['exactInstant', 'id']));
    const placed = `
       select r.request::integer, page.*${budget ? `, sum(page.length) over (${inOrder} rows unbounded preceding) as "lengthSoFar"` : ''}
       from unnest($1::bigint[], $2::integer[], $3::timestamptz[], $4::bigint[], $5::text[])
         with ordinality as r (customer_id, first, at, id, long, request)
       cross join lateral (${rowsOfRequest}) page
       ${inOrder}`;
    const rows = await this.dataSource.query<(Row & Placed)[]>(
      budget
        ? `select * from (${placed}) placed where "lengthSoFar" - length <= $6 order by request, at desc, id desc`
        : placed,
      [
        requests.map(({ customerId }) => customerId),
        requests.map(({ first }) => first),
        after.map((key) => key?.[0] ?? null),
        after.map((key) => key?.[1] ?? null),
        requests.map(({ long = [] }) => long.join()),
        ...(budget ? [Math.max(budget.characters, 0)] : []),
      ],
    );
    if (budget) {
      budget.characters -= Number(rows.at(-1)?.lengthSoFar ?? 0);
      if (budget.characters < 0) throw answerTooLarge();
    }
    const groups = requests.map((): (Row & Placed)[] => []);
    for (const row of rows) groups[row.request - 1]!.push(row);
    return requests.map((request, i) => pageOf<Row & Placed>(groups[i]!, request, ({ at, id }) => [at, id]));
  }
}
