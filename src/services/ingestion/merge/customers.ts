import { mergedAttributes } from './attributes.js';

/**
 * Statements that merge sets of records. All share these conventions:
 * - `given` is a query for the records, at most one for each key; `$1` is the source.
 * - A null field leaves what is stored; an empty text clears it.
 * - Only rows that really differ are written, so that a repeated load writes nothing.
 * - `different` has those rows, by `external_id`. A row that another transaction has written since they were compared is not written, but
 *   locked: the other's changes would be undone. Run the statement again, which then sees them.
 * - The statement ends after the common table expression `changed`, one row for each row written, with `created`;
 *   the caller adds the closing `select` or `insert ... select`.
 */

/** Given: external_id, country text; attributes jsonb (added to the stored ones; a null removes one). */
export function customerMerge(given: string): string {
  return `
    with given as (${given}),
    compared as (
      select g.external_id,
        nullif(coalesce(g.country, c.country), '') as country,
        ${mergedAttributes('c.attributes')} as attributes,
        c as old
      from given g left join customer c on c.source = $1 and c.external_id = g.external_id
    ),
    different as (
      select external_id, country, attributes, (old).updated_at
      from compared
      where (old).id is null or ((old).country, (old).attributes) is distinct from (country, attributes)
    ),
    changed as (
      insert into customer (source, external_id, country, attributes, updated_at)
      select $1, external_id, country, attributes, coalesce(updated_at, now())
      from different
      order by external_id
      on conflict (source, external_id) do update set
        country = excluded.country, attributes = excluded.attributes,
        updated_at = now(), facts_changed_at = clock_timestamp()
      where customer.updated_at = excluded.updated_at
      returning id, external_id, xmax = 0 as created
    )`;
}

/** Given: external_id, name, email, phone text. The customers must exist. What they said is scrubbed of these data. */
export function personalDataMerge(given: string): string {
  return `
    with given as (${given}),
    different as (
      select * from (
        select c.id as customer_id, g.external_id,
          nullif(coalesce(g.name, p.name), '') as name,
          nullif(coalesce(g.email, p.email), '') as email,
          nullif(coalesce(g.phone, p.phone), '') as phone,
          p as old
        from given g
        join customer c on c.source = $1 and c.external_id = g.external_id
        left join customer_personal_data p on p.customer_id = c.id
      ) as compared
      where ((old).name, (old).email, (old).phone) is distinct from (name, email, phone)
    ),
    written as (
      insert into customer_personal_data (customer_id, name, email, phone, updated_at)
      select customer_id, name, email, phone, coalesce((old).updated_at, now())
      from different
      order by customer_id
      on conflict (customer_id) do update set
        name = excluded.name, email = excluded.email, phone = excluded.phone, updated_at = now()
      where customer_personal_data.updated_at = excluded.updated_at
      returning customer_id
    ),
    touched as (
      update customer set updated_at = now(), facts_changed_at = clock_timestamp()
      -- What this transaction wrote before, such as new customers, nobody else has yet seen.
      where id in (select customer_id from written) and xmin <> pg_current_xact_id()::xid
    ),
    changed as (
      select customer_id as id, external_id, false as created from written join different using (customer_id)
    )`;
}
