import type { DataSource } from 'typeorm';
import {
  allCustomerColumns,
  type CustomerArray,
  customerArray,
  type CustomerColumn,
  type CustomerListRow,
  rowOfArray,
} from './customer-rows.js';
import { MicroBatcher } from '../../micro-batcher.js';

/** The customers after this one, in the order of their ids. */
interface PlainPage {
  /** `0` for the first page. */
  readonly afterId: string;
  readonly limit: number;
  /** The columns that are asked for; others may be missing. */
  readonly columns: readonly CustomerColumn[];
}

/** While two statements run, further requests are gathered for the next one. */
const batching = { waitMs: 0, maxSize: 8, concurrency: 2 };

/** Pages of all customers without filter or order; concurrent requests are answered by one statement. */
export class PlainCustomerPages {
  private readonly pages: MicroBatcher<PlainPage, CustomerListRow[]>;

  constructor(private readonly dataSource: DataSource) {
    this.pages = new MicroBatcher((pages) => this.read(pages), batching);
  }

  async page(page: PlainPage): Promise<CustomerListRow[]> {
    const [rows] = await this.pages.load([page]);
    return rows!;
  }

  private async read(pages: readonly PlainPage[]): Promise<CustomerListRow[][]> {
    const columns = allCustomerColumns.filter((name) => pages.some((page) => page.columns.includes(name)));
    const rows = await this.dataSource.query<{ readonly found: readonly CustomerArray[] | null }[]>(
      `select (select json_agg(${customerArray(columns)} order by c.id)
               from (select * from customer where id > p.after_id order by id limit p.size) c) as found
       from unnest($1::bigint[], $2::integer[]) with ordinality as p (after_id, size, number)
       order by p.number`,
      [pages.map(({ afterId }) => afterId), pages.map(({ limit }) => limit)],
    );
    return rows.map(({ found }) => (found ?? []).map((array) => rowOfArray(array, columns)));
  }
}
