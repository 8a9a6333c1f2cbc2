import type { Queryable } from '../../../database/queryable.js';
import { OrderCurrencies } from '../../customers/order-currencies.js';

/**
 * Warnings of those of the orders that are not in the currency of most others, whose amounts they are added to, by external id. To be asked
 * for when the orders are written.
 * @param currency of new orders that name none
 */
export async function otherCurrencies(
  queryable: Queryable,
  { source, currency }: { readonly source: string; readonly currency: string },
  externalIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const usual = await new OrderCurrencies(queryable, currency).ofPredictions();
  const others = await queryable.query<{ externalId: string; currency: string }>(
    `select external_id as "externalId", currency from customer_order
     where source = $1 and external_id = any($2::text[]) and customer_id is not null and currency <> $3`,
    [source, externalIds, usual],
  );
  return new Map(
    others.map((order) => [
      order.externalId,
      `is in ${order.currency}, but most orders are in ${usual}, and amounts are added without conversion: convert them, and send ` +
        `the order again with the currency ${usual}`,
    ]),
  );
}
