import { Customer } from '../../../entities/index.js';

/** Columns of `customer c` by their names in the entity; its id and `factsVersion` come with every row. */
const columns = {
  source: 'c.source',
  externalId: 'c.external_id',
  country: 'c.country',
  attributes: 'c.attributes',
  createdAt: 'c.created_at',
  updatedAt: 'c.updated_at',
} as const satisfies Partial<Record<keyof Customer, string>>;

export type CustomerColumn = keyof typeof columns;
export const allCustomerColumns = Object.keys(columns) as CustomerColumn[];
const instants: ReadonlySet<CustomerColumn> = new Set<CustomerColumn>(['createdAt', 'updatedAt']);

/** SQL of columns under their names in the entity; `factsVersion` is in place of `factsChangedAt`. */
export function customerColumns(some: readonly CustomerColumn[] = allCustomerColumns): string {
  const chosen = some.map((name) => `${columns[name]} as "${name}"`);
  return ['c.id', 'c.facts_changed_at::text as "factsVersion"', ...chosen].join(', ');
}

/** Columns of `clv_change v`, named as in its entity. */
export const changeColumns =
  'v.changed_at as "changedAt", v.value, v.previous_value as "previousValue", v.tier, v.tier_changed_at as "tierChangedAt", ' +
  'v.previous_tier as "previousTier"';

type Always = Pick<Customer, 'id' | 'factsVersion'>;
export type CustomerRow = Readonly<Always & Pick<Customer, CustomerColumn>>;

/** A row of a list with the value that the list is ordered by; null in an order by id alone. */
export type CustomerListRow = Readonly<Always & Partial<CustomerRow>> & { readonly cursorValue: string | null };

/** The row as an entity, by which `node(id)` and the audit log know its type. */
export function toCustomer(row: CustomerRow | CustomerListRow): Customer {
  return Object.assign(new Customer(), row);
}

type Change = NonNullable<Customer['clvChange']>;
/** A row of a list that is ordered by changes and read with them. */
type ChangedCustomerRow = CustomerListRow & (Change | Readonly<Record<keyof Change, null>>);

export function toListedCustomer(row: CustomerListRow | ChangedCustomerRow): Customer {
  if (!('changedAt' in row)) return toCustomer(row);
  const { changedAt, value, previousValue, tier, tierChangedAt, previousTier, ...customer } = row;
  const clvChange = changedAt && { changedAt, value, previousValue, tier, tierChangedAt, previousTier };
  return Object.assign(toCustomer(customer), { clvChange });
}

/** Columns as one JSON array, which is read in a fraction of the time of as many columns. */
export function customerArray(some: readonly CustomerColumn[]): string {
  const values = some.map((name) =>
    instants.has(name) ? `(extract(epoch from ${columns[name]}) * 1000)::float8` : columns[name],
  );
  return `json_build_array(${['c.id::text', 'c.facts_changed_at::text', ...values].join(', ')})`;
}

export type CustomerArray = readonly [id: string, factsVersion: string, ...values: unknown[]];

/** A row of `customerArray`, in a list that is ordered by id. */
export function rowOfArray(
  [id, factsVersion, ...values]: CustomerArray,
  some: readonly CustomerColumn[],
): CustomerListRow {
  const row: Record<string, unknown> = {};
  for (const [i, name] of some.entries()) row[name] = instants.has(name) ? new Date(values[i] as number) : values[i];
  return { ...row, id, factsVersion, cursorValue: null };
}
