import { In, type DataSource } from 'typeorm';
import { Customer, CustomerPersonalData, CustomerSummary } from '../entities/index.js';

/** Single customers and what is known of them. Lists are `CustomerListService`'s. */
export class CustomersService {
  constructor(private readonly dataSource: DataSource) {}

  findMany(ids: readonly string[]): Promise<Customer[]> {
    return this.dataSource.getRepository(Customer).findBy({ id: In(ids) });
  }

  findByExternalId(source: string, externalId: string): Promise<Customer | null> {
    return this.dataSource.getRepository(Customer).findOneBy({ source, externalId });
  }

  summaries(customerIds: readonly string[]): Promise<CustomerSummary[]> {
    return this.dataSource.getRepository(CustomerSummary).findBy({ customerId: In(customerIds) });
  }

  personalData(customerIds: readonly string[]): Promise<CustomerPersonalData[]> {
    return this.dataSource.getRepository(CustomerPersonalData).findBy({ customerId: In(customerIds) });
  }
}
