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

const milliseconds = (column: string): string => `(extract(epoch from ${column}) * 1000)::float8`;

/** The same as one JSON array: a list reads it in a fraction of the time that as many columns of each row take. */
export const customerArray = `json_build_array(c.id::text, c.source, c.external_id, c.country, c.attributes,
        c.facts_changed_at::text, ${milliseconds('c.created_at')}, ${milliseconds('c.updated_at')})`;

export type CustomerArray = readonly [
  id: string,
  source: string,
  externalId: string,
  country: string | null,
  attributes: Record<string, unknown>,
  factsVersion: string,
  createdAt: number,
  updatedAt: number,
];

/** Of a list that its ids order. */
export function rowOfArray(array: CustomerArray): CustomerListRow {
  const [id, source, externalId, country, attributes, factsVersion, created, updated] = array;
  const [createdAt, updatedAt] = [new Date(created), new Date(updated)];
  return { id, source, externalId, country, attributes, factsVersion, createdAt, updatedAt, cursorValue: null };
}
