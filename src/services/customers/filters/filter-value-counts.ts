import type { Queryable } from '../../../database/queryable.js';
import { tierAt } from '../../predictions/tiers.js';
import type { PredictionPeriod } from '../../predictions/prediction-store.js';
import { SqlParameters } from '../../sql-parameters.js';
import { ofPeriod } from '../lists/customer-list-tables.js';
import { longestText } from './customer-filter-values.js';

/** A value of a filter's condition, and how many customers have it. */
export interface FilterValue {
  readonly value: unknown;
  readonly customers: number;
}

export interface FilterValueCounts {
  /** Most customers first, at most `mostValues`. */
  readonly values: readonly FilterValue[];
  /** Number of all values. */
  readonly distinct: number;
  readonly countedAt: Date;
}

export interface FilterAttribute {
  readonly name: string;
  readonly counts: FilterValueCounts;
}

export const mostValues = 200;
export const mostAttributes = 50;

/** Filters take no longer texts. */
const short = (text: string) => `length(${text}) between 1 and ${longestText}`;

/** Counts the values of a text column of `customer`. */
export function countColumn(queryable: Queryable, column: 'country' | 'source'): Promise<FilterValueCounts> {
  return countAll(
    queryable,
    `select '' as name, to_jsonb(${column}) as value, count(*) as customers
     from customer where ${short(column)} group by ${column}`,
  );
}

/** Counts the customers of every category of a product, also of those that nobody bought. */
export function countCategories(queryable: Queryable): Promise<FilterValueCounts> {
  return countAll(
    queryable,
    `select '' as name, to_jsonb(category) as value, coalesce(bought.customers, 0) as customers
     from (select distinct category from product where ${short('category')}) as known
     left join (
       select category, count(*) as customers from customer_summary, unnest(categories) as category group by category
     ) as bought using (category)`,
  );
}

/** Counts the customers of each tier. As in filters, customers without a prediction are in the lowest one. */
export function countTiers(queryable: Queryable, scored: PredictionPeriod): Promise<FilterValueCounts> {
  const parameters = new SqlParameters();
  return countAll(
    queryable,
    `select '' as name, to_jsonb(${tierAt('coalesce(p.percentile, 0)')}) as value, count(*) as customers
     from customer c left join prediction p on p.customer_id = c.id and ${ofPeriod(scored, parameters)}
     group by 2`,
    parameters,
  );
}

/** Counts the values of the attributes that most customers have, at most `mostAttributes`. */
export function countAttributes(queryable: Queryable): Promise<FilterAttribute[]> {
  return count(
    queryable,
    `select name, value, count(*) as customers
     from customer c, jsonb_each(c.attributes) as attribute (name, value)
     where ${short('name')} and ${short('value::text')} group by name, value`,
  );
}

async function countAll(queryable: Queryable, values: string, parameters?: SqlParameters): Promise<FilterValueCounts> {
  const [counted] = await count(queryable, values, parameters);
  return counted?.counts ?? { values: [], distinct: 0, countedAt: new Date() };
}

interface Row extends FilterValueCounts {
  readonly name: string;
}

/** @param values query for `name`, `value` (JSON) and `customers`, with one row for each value */
async function count(
  queryable: Queryable,
  values: string,
  parameters = new SqlParameters(),
): Promise<FilterAttribute[]> {
  const rows = await queryable.query<Row>(
    `with counted as (${values}),
     placed as (
       select *, sum(customers) over named as holders, count(*) over named as "distinct",
         row_number() over (partition by name order by customers desc, value) as place
       from counted window named as (partition by name)
     )
     select name, "distinct"::integer, now() as "countedAt",
       json_agg(json_build_object('value', value, 'customers', customers) order by place) as values
     from placed where place <= ${mostValues}
     group by name, "distinct", holders order by holders desc, name limit ${mostAttributes}`,
    parameters.values,
  );
  return rows.map(({ name, ...counts }) => ({ name, counts }));
}
