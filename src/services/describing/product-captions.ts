import { lockKeys } from '../ingestion/key-locks.js';
import { buyersOf } from '../ingestion/merge/products.js';
import type { DescribedRecords } from './described-records.js';

interface ProductRow {
  readonly id: string;
  readonly external_id: string;
  readonly described: boolean;
}

/** Captions of products' pictures: facts about those who bought the products. */
export const productCaptions: DescribedRecords = {
  async find(database, source, rows) {
    const products = await database.query<ProductRow>(
      `select id, external_id, picture_caption is not null as described
       from product where source = $1 and external_id = any($2::text[])`,
      [source, rows.map(({ externalId }) => externalId)],
    );
    const byId = new Map(products.map((product) => [product.external_id, product]));
    return rows.map(({ externalId }) => {
      const product = byId.get(externalId);
      if (!product) return `is not a product of the source ${source}: import products first`;
      return { key: product.id, externalId, isDescribed: product.described };
    });
  },

  async write(session, source, descriptions, again) {
    await lockKeys(session, source, { products: descriptions.map(({ record }) => record.externalId) });
    const changed = await session.query<{ id: string }>(
      `update product p set picture_caption = given.text, updated_at = now()
       from unnest($1::bigint[], $2::text[]) as given (id, text)
       where p.id = given.id and (p.picture_caption is null or $3) and p.picture_caption is distinct from given.text
       returning p.id`,
      [descriptions.map(({ record }) => record.key), descriptions.map(({ text }) => text), again],
    );
    if (changed.length === 0) return { changed: 0, customerIds: [] };
    const ids = changed.map(({ id }) => id);
    const buyers = await session.query<{ customer_id: string }>(buyersOf('select unnest($1::bigint[])'), [ids]);
    return { changed: ids.length, customerIds: buyers.map((buyer) => buyer.customer_id) };
  },
};
