import { In, type DataSource } from 'typeorm';
import { isStorable, unstorable } from '../../storable-text.js';
import { ClvError } from '../../errors.js';
import { ClvChange, type Customer, CustomerPersonalData, CustomerSummary } from '../../entities/index.js';
import { customerColumns, type CustomerRow, toCustomer } from './lists/customer-rows.js';
import { MicroBatcher } from '../micro-batcher.js';

interface CustomerKey {
  readonly id?: string | undefined;
  readonly externalId?: string | null | undefined;
  readonly source: string;
}

interface ExternalKey {
  readonly source: string;
  readonly externalId: string;
}

/** While two statements run, further requests are gathered for the next one. */
const batching = { waitMs: 0, maxSize: 200, concurrency: 2 };

/**
 * Single customers and what is known about them. Concurrent requests are answered by one statement. For lists see
 * `CustomerListService`.
 */
export class CustomersService {
  private readonly byId: MicroBatcher<string, Customer | null>;
  private readonly byExternalKey: MicroBatcher<ExternalKey, Customer | null>;

  constructor(private readonly dataSource: DataSource) {
    this.byId = new MicroBatcher(async (ids) => {
      const found = new Map((await this.findMany(ids)).map((customer) => [customer.id, customer]));
      return ids.map((id) => found.get(id) ?? null);
    }, batching);
    this.byExternalKey = new MicroBatcher((keys) => this.findByExternalKeys(keys), batching);
  }

  async findMany(ids: readonly string[]): Promise<Customer[]> {
    const rows = await this.dataSource.query<CustomerRow[]>(
      `select ${customerColumns()} from customer c where c.id = any($1::bigint[])`,
      [ids],
    );
    return rows.map(toCustomer);
  }

  /** @throws ClvError BAD_USER_INPUT unless either `id` or `externalId` is given */
  async find({ id, ...key }: CustomerKey): Promise<Customer | null> {
    // Both are stored without spaces around them.
    const externalId = key.externalId?.trim();
    const source = key.source.trim();
    if ((id === undefined) === (externalId === undefined)) {
      throw new ClvError('BAD_USER_INPUT', 'Give either the id, or the externalId and its source.');
    }
    // A NUL would make the statement fail for all requests in it; half of a surrogate pair would be looked for as another text.
    if (!isStorable(externalId ?? '') || !isStorable(source)) {
      throw new ClvError('BAD_USER_INPUT', `externalId or source ${unstorable}, which no id has. Leave it out.`);
    }
    const [customer = null] =
      id === undefined
        ? await this.byExternalKey.load([{ source, externalId: externalId! }])
        : await this.byId.load([id]);
    return customer;
  }

  private async findByExternalKeys(keys: readonly ExternalKey[]): Promise<(Customer | null)[]> {
    const rows = await this.dataSource.query<CustomerRow[]>(
      `select ${customerColumns()} from customer c
       where (c.source, c.external_id) in (select * from unnest($1::text[], $2::text[]))`,
      [keys.map(({ source }) => source), keys.map(({ externalId }) => externalId)],
    );
    const textOf = ({ source, externalId }: ExternalKey) => JSON.stringify([source, externalId]);
    const found = new Map(rows.map((row) => [textOf(row), toCustomer(row)]));
    return keys.map((key) => found.get(textOf(key)) ?? null);
  }

  findSummaries(customerIds: readonly string[]): Promise<CustomerSummary[]> {
    return this.dataSource.getRepository(CustomerSummary).findBy({ customerId: In(customerIds) });
  }

  /** Empty before the first scoring with predictions. */
  findClvChanges(customerIds: readonly string[]): Promise<ClvChange[]> {
    return this.dataSource.getRepository(ClvChange).findBy({ customerId: In(customerIds) });
  }

  findPersonalData(customerIds: readonly string[]): Promise<CustomerPersonalData[]> {
    return this.dataSource.getRepository(CustomerPersonalData).findBy({ customerId: In(customerIds) });
  }
}
