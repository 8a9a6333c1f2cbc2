import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { eraseCustomers, type Erasure } from '../../../src/services/ingestion/live/erasure.js';
import type { ImportMapping } from '../../../src/services/ingestion/import.types.js';
import { orders, useImports } from './imports.js';

const events: ImportMapping = {
  kind: 'events',
  columns: {
    'event.externalId': 'id',
    'event.occurredAt': 'date',
    'event.type': 'type',
    'customer.externalId': 'customer',
  },
};
const file = (day: string) =>
  ['id,date,type,total,customer', `${day}-a,${day},BROWSE,5,a`, `${day}-b,${day},BROWSE,5,b`].join('\n');

const imports = useImports();

it.each([
  { what: 'events', mapping: events, during: 'computing purchase days', table: 'behavior_event' },
  { what: 'orders', mapping: orders, during: 'merging orders', table: 'customer_order' },
])(
  'leaves no $what of whoever is erased while a file of $what is being imported',
  async ({ mapping, during, table }) => {
    await imports.load(file('2026-01-01'), mapping);
    let erasure: Promise<Erasure> | undefined;
    await imports.load(file('2026-01-02'), mapping, {
      progress: {
        report: async (phase) => {
          if (phase !== during) return;
          erasure = eraseCustomers(imports.database.dataSource, ['a'], 'shop');
          // Time enough for one that does not wait for the import.
          await Promise.race([erasure, setTimeout(500)]);
        },
      },
    });
    expect(await erasure).toEqual({ erased: 1, unknown: [] });
    expect(await imports.query(`select external_id from ${table} order by external_id`)).toEqual([
      { external_id: '2026-01-01-b' },
      { external_id: '2026-01-02-b' },
    ]);
  },
);
