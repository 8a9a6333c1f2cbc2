import type { IngestionSession } from '../ingestion-session.js';
import { quoted } from '../../../text.js';
import { overfullLoad } from './attribute-limits.js';
import { eventMerge } from './events.js';
import { changedRows, runMerge } from './run-merge.js';

/**
 * Merges `staged_event` in parts and notes in `changed_event` what changed. Parts, and rows within a part, are in the order of time, in
 * which others who write events lock them, too.
 * @param progress called with the share that is merged, 0 to 1
 * @param eventsOfPart events per statement: a few seconds' work. A part may have more, since events of one instant are not split
 * @throws ClvError IMPORT_INVALID where events have too many attributes by then
 */
export async function mergeStagedEvents(
  session: IngestionSession,
  source: string,
  progress: (fraction: number) => void | Promise<void>,
  eventsOfPart = 100_000,
): Promise<void> {
  const starts = await startsOfParts(session, eventsOfPart);
  if (starts.length > 1) {
    await session.query('create index on staged_event (occurred_at)');
    // The planner has no statistics on tables that were just filled, and would compare each event with all others.
    await session.query('set local enable_nestloop = off');
  }
  const merge = `
    ${eventMerge('select * from staged_event where occurred_at >= $2 and occurred_at < $3')},
    noted as (insert into changed_event select customer_id, previous_customer_id, created from changed)
    ${changedRows('id, external_id, occurred_at, overfull as size', 'overfull is not null')}`;
  for (const [i, start] of starts.entries()) {
    const overfull = await runMerge<OverfullEvent>(session, merge, [source, start, starts[i + 1] ?? 'infinity']);
    requireNone(overfull, source);
    await progress((i + 1) / starts.length);
  }
  await session.query('set local enable_nestloop to default');
}

interface OverfullEvent {
  readonly id: string;
  readonly external_id: string;
  readonly occurred_at: Date;
  readonly size: string;
}

function requireNone([first, ...others]: readonly OverfullEvent[], source: string): void {
  if (!first) return;
  const event = `event ${quoted(first.external_id)} of ${first.occurred_at.toISOString()} and source ${quoted(source)}`;
  throw overfullLoad(event, { size: first.size, others: others.length, removal: 'recordEvents' });
}

/** First instant of each part, as text, which keeps microseconds. Events of one instant are in one part. */
async function startsOfParts(session: IngestionSession, events: number): Promise<string[]> {
  const rows = await session.query<{ start: string }>(
    `select distinct occurred_at::text as start, occurred_at
     from (select occurred_at, row_number() over (order by occurred_at) as place from staged_event) as ordered
     where place % $1 = 1
     order by occurred_at`,
    [events],
  );
  return rows.map(({ start }) => start);
}
