import { In, type DataSource } from 'typeorm';
import { ClvError } from '../errors.js';
import { Customer, CustomerPersonalData, CustomerSummary } from '../entities/index.js';

export interface CustomerKey {
  readonly id?: string | undefined;
  readonly externalId?: string | null | undefined;
  readonly source: string;
}

/** Single customers and what is known of them. Lists are `CustomerListService`'s. */
export class CustomersService {
  constructor(private readonly dataSource: DataSource) {}

  findMany(ids: readonly string[]): Promise<Customer[]> {
    return this.dataSource.getRepository(Customer).findBy({ id: In(ids) });
  }

  /** @throws ClvError BAD_USER_INPUT unless either `id` or `externalId` is given */
  async find({ id, externalId, source }: CustomerKey): Promise<Customer | null> {
    const given = externalId ?? undefined;
    if ((id === undefined) === (given === undefined)) {
      throw new ClvError('BAD_USER_INPUT', 'Give either the id, or the externalId and its source.');
    }
    const key = id === undefined ? { source, externalId: given } : { id };
    return this.dataSource.getRepository(Customer).findOneBy(key);
  }

  findSummaries(customerIds: readonly string[]): Promise<CustomerSummary[]> {
    return this.dataSource.getRepository(CustomerSummary).findBy({ customerId: In(customerIds) });
  }

  findPersonalData(customerIds: readonly string[]): Promise<CustomerPersonalData[]> {
    return this.dataSource.getRepository(CustomerPersonalData).findBy({ customerId: In(customerIds) });
  }
}
