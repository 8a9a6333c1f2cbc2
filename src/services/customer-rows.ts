import { Customer } from '../entities/index.js';

/** The columns of `customer c`, as its entity names them; `factsVersion` stands for `factsChangedAt`. */
export const customerColumns = `c.id, c.source, c.external_id as "externalId", c.country, c.attributes,
        c.facts_changed_at::text as "factsVersion", c.created_at as "createdAt", c.updated_at as "updatedAt"`;

export type CustomerRow = Readonly<
  Pick<Customer, 'id' | 'source' | 'externalId' | 'country' | 'attributes' | 'factsVersion' | 'createdAt' | 'updatedAt'>
>;

/** A row of a list with the value that orders the list there; null where its id alone does. */
export type CustomerListRow = CustomerRow & { readonly cursorValue: string | null };

/** The row as an entity, by which `node(id)` and the audit log know its type. */
export function toCustomer(row: CustomerRow): Customer {
  return Object.assign(new Customer(), row);
}
