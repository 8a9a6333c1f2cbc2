import { assortmentTables } from './assortment-tables.js';
import { eventCounts, eventTables } from './event-tables.js';
import { featureDefinitions } from './feature-definitions.js';
import { scope, spendingTables } from './spending-tables.js';

/** The attributes of customer `c` that the parameter names, in its order. */
const covariatesOf = (parameter: string): string => `(
          select jsonb_agg(jsonb_build_object('attribute', name, 'value', c.attributes -> name) order by place)
          from unnest(${parameter}::text[]) with ordinality as named (name, place)
          where c.attributes ? name)`;

/** Only the attributes of the customers in $1: `covariates` as in the context. */
export const covariateStatement = `select c.id, ${covariatesOf('$2')} as covariates from customer c where c.id = any($1::bigint[])`;

/**
 * The one statement that computes features: for every customer in $2 (all, where it is null) with a purchase occasion
 * before the UTC day of the instant $1. Purchase days and events are strictly before that day.
 * Sums are of exact numerics, so that features do not depend on the plan or on the order of rows.
 * Columns: customer_id, features (float8[] in the order of `featureDefinitions`), context (`NarrativeContext`).
 * @param covariates the parameter with the names of the attributes whose values the context is to have, e.g. `$4`
 */
export const featureStatement = (covariates?: `$${number}`): string => `
    with ${spendingTables},
    ${assortmentTables},
    ${eventTables}
    select s.customer_id,
      array[${featureDefinitions.map(({ name }) => columnOf(name)).join(', ')}]::float8[] as features,
      jsonb_build_object(
        'country', c.country,
        'categories', coalesce(t.categories, '{}'),
        'products', coalesce(a.names, '{}'),
        'captions', coalesce(a.captions, '{}'),
        'baskets', coalesce(b.baskets, '[]'),
        'said', coalesce(sp.said, '[]'),
        -- Only to take names out of what the customer wrote; it goes no further than the narrative's scrubbing. An id may be an address.
        'scrub', case when sp.said is not null then
          concat_ws(' ', case when c.external_id like '%@%' then c.external_id end,
            (select concat_ws(' ', d.name, d.email)
             from customer_personal_data d where d.customer_id = s.customer_id)) end${
               covariates
                 ? `,
        'covariates', ${covariatesOf(covariates)}`
                 : ''
             }
      ) as context
    from cadence s
    join customer c on c.id = s.customer_id and ${scope('c.id')}
    left join assortment a on a.customer_id = s.customer_id
    left join taste t on t.customer_id = s.customer_id
    left join basket b on b.customer_id = s.customer_id
    left join activity e on e.customer_id = s.customer_id
    left join speech sp on sp.customer_id = s.customer_id
    order by s.customer_id`;

/** Only the prior's inputs, by the same expressions: an `RfmSummary` of every customer in scope. */
export const rfmStatement = `
    with ${spendingTables}
    select customer_id, repeat_days::float8 as frequency, recency_span_days::float8 as recency, age_days::float8 as age,
      repeat_mean_value::float8 as monetary, first_occasion_value::float8 as "firstValue",
      gap_std_days::float8 / gap_mean_days::float8 as "gapVariation"
    from cadence
    order by customer_id`;

function columnOf(name: string): string {
  if (name in eventCounts) return `coalesce(e.${name}, 0)`;
  return name;
}
