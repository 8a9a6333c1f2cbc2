import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { eraseCustomers, type Erasure } from '../../../src/services/ingestion/erasure.js';
import type { ImportMapping } from '../../../src/services/ingestion/import.types.js';
import { useImports } from './imports.js';

const events: ImportMapping = {
  kind: 'events',
  columns: {
    'event.externalId': 'event',
    'event.occurredAt': 'date',
    'event.type': 'type',
    'customer.externalId': 'customer',
  },
};
const file = (day: string) =>
  ['event,date,type,customer', `${day}-a,${day},BROWSE,a`, `${day}-b,${day},BROWSE,b`].join('\n');

const imports = useImports();

it('leaves no events of whoever is erased while a file of events is being imported', async () => {
  await imports.load(file('2026-01-01'), events);
  let erasure: Promise<Erasure> | undefined;
  await imports.load(file('2026-01-02'), events, {
    progress: {
      report: async (phase) => {
        if (phase !== 'computing purchase days') return;
        erasure = eraseCustomers(imports.database.dataSource, ['a'], 'shop');
        // Time enough for one that does not wait for the import.
        await Promise.race([erasure, setTimeout(500)]);
      },
    },
  });
  expect(await erasure).toEqual({ erased: 1, unknown: [] });
  expect(await imports.query('select external_id from behavior_event order by external_id')).toEqual([
    { external_id: '2026-01-01-b' },
    { external_id: '2026-01-02-b' },
  ]);
});
