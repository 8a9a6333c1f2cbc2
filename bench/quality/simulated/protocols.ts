import { type DataSet, type Protocol, protocolOf } from '../protocols.js';
import { type Shop, type ShopId, shops } from './shops.js';

const dataOf = ({ id, title, made, visits }: Shop): DataSet => ({
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
  ...(visits && {
    events: {
      file: `${id}-visits.csv`,
      mapping: {
        kind: 'events',
        columns: {
          'event.externalId': 'event',
          'customer.externalId': 'customer',
          'event.type': 'type',
          'event.occurredAt': 'date',
        },
      },
    },
  }),
});

/** For tuning: decisions were made on shops of these kinds. */
export const simulatedProtocols: readonly Protocol<ShopId>[] = shops.map((shop) =>
  protocolOf(shop.id, dataOf(shop), shop.asOf, shop.horizonDays, 'temporal', 'tuning'),
);
