import { describe, expect, it, vi } from 'vitest';
import { prepareStagedEntities } from '../../../../src/services/ingestion/staging/import-preparation.js';
import { IngestionSession } from '../../../../src/services/ingestion/ingestion-session.js';
import { Rejections } from '../../../../src/services/ingestion/staging/rejections.js';
import { createStagingTable } from '../../../../src/services/ingestion/staging/staging.js';
import { useTestDatabase } from '../../../support/database.js';

const rows = 50;

describe('rows of a file', () => {
  const database = useTestDatabase();

  it.each(['events', 'orders'] as const)(
    '%s are numbered, and sorted for that, only where some have no id',
    async (kind) => {
      expect(await numbered(kind, 'i::text')).toBe(0);
      expect(await numbered(kind, 'nullif(i, 7)::text')).toBe(rows);
    },
  );

  /** How many rows were numbered. @param id SQL of the id of row `i` */
  function numbered(kind: 'events' | 'orders', id: string): Promise<number> {
    return IngestionSession.use(database.dataSource, undefined, async (session) => {
      const run = session.query.bind(session);
      await createStagingTable(session, kind);
      const [columns, values] =
        kind === 'events'
          ? ['event_id, event_type, occurred_at', `${id}, 'BROWSE', now()`]
          : ['order_id, placed_at, total', `${id}, now(), 1`];
      await run(
        `insert into staged_row (line, customer, ${columns}) select i, 'c', ${values} from generate_series(1, ${rows}) i`,
      );
      const plans: unknown[] = [];
      vi.spyOn(session, 'query').mockImplementation(async (sql) => {
        if (!/ staged_(event|order) as/.test(sql)) return run(sql);
        plans.push(await run(`explain (analyze, format json) ${sql}`));
        return [];
      });
      const columnOf = (field: string) => field;
      await prepareStagedEntities(
        session,
        kind,
        { ordersAreWhole: true, columnOf },
        await Rejections.at(undefined, '', ''),
      );
      await run('discard temporary');
      const [, places] = /"Node Type":"WindowAgg".*?"Actual Rows":([\d.]+)/.exec(JSON.stringify(plans))!;
      return Number(places);
    });
  }
});
