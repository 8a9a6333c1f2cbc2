import { type DataSet, type Protocol, protocolOf } from '../protocols.js';
import { type Shop, type ShopId, shops } from './shops.js';

const dataOf = ({ id, title, made }: Shop): DataSet => ({
  name: `simulated_${id.toLowerCase()}`,
  title,
  file: `${id}.csv`,
  source: made,
  mapping: {
    kind: 'orders',
    columns: {
      'order.externalId': 'order',
      'customer.externalId': 'customer',
      'order.placedAt': 'date',
      'order.total': 'total',
    },
  },
  currency: 'USD',
  scoresEveryCustomer: false,
});

/** For tuning: decisions were made on shops of these kinds. */
export const simulatedProtocols: readonly Protocol<ShopId>[] = shops.map((shop) =>
  protocolOf(shop.id, dataOf(shop), shop.asOf, shop.horizonDays, 'temporal', 'tuning'),
);
