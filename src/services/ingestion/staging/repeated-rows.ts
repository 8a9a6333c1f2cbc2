import type { ImportKind } from '../import.types.js';
import type { IngestionSession } from '../ingestion-session.js';

/** The last value of the column in the rows of one record. */
const lastOf = (column: string): string =>
  `(array_agg(${column} order by line desc) filter (where ${column} is not null))[1]`;

/** Whether a record has several rows; in most files none has, and nothing is grouped. */
const repeated = (id: 'customer' | 'product'): string =>
  `(select count(*) from staged_row) > (select count(*) from staged_${id})
        and ${id} in (select ${id} from staged_row group by ${id} having count(*) > 1) group by ${id}`;

const statements: Readonly<Partial<Record<ImportKind, string>>> = {
  customers: `
    with told as (
      select customer, ${lastOf('country')} as country, ${lastOf('name')} as name, ${lastOf('email')} as email,
        ${lastOf('phone')} as phone,
        array_agg(attributes order by line) filter (where attributes is not null) as attributes_of_rows
      from staged_row where ${repeated('customer')}
    )
    update staged_customer s
    set country = t.country, name = t.name, email = t.email, phone = t.phone,
      -- Of a key that comes twice, the last value stays.
      attributes = (
        select jsonb_object_agg(key, value order by place)
        from unnest(t.attributes_of_rows) with ordinality as r (given, place), jsonb_each(given))
    from told t
    where s.external_id = t.customer`,
  products: `
    with told as (
      select product, ${lastOf('product_name')} as name, ${lastOf('description')} as description,
        ${lastOf('category')} as category, ${lastOf('picture_caption')} as picture_caption, ${lastOf('price')} as price,
        ${lastOf('merchandise')} as merchandise
      from staged_row where ${repeated('product')}
    )
    update staged_product s
    set name = t.name, description = t.description, category = t.category, picture_caption = t.picture_caption,
      price = t.price, merchandise = t.merchandise
    from told t
    where s.external_id = t.product`,
};

/**
 * Fills fields that the last row of a customer or product leaves empty from earlier rows, as if the rows were in files of their own, where
 * an empty field changes nothing. Shops write a product's title into the row of its first variant only. The staged tables must be analysed.
 */
export async function fillFromEarlierRows(session: IngestionSession, kind: ImportKind): Promise<void> {
  const statement = statements[kind];
  if (statement !== undefined) await session.query(statement);
}
