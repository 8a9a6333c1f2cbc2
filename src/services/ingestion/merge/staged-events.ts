import type { IngestionSession } from '../ingestion-session.js';
import { eventMerge } from './events.js';
import { noteMerge } from './run-merge.js';

/**
 * Merges `staged_event` in parts and notes in `changed_event` what changed. Parts, and rows within a part, are in the order of time, in
 * which others who write events lock them, too.
 * @param progress called with the share that is merged, 0 to 1
 * @param eventsOfPart events per statement: a few seconds' work. A part may have more, since events of one instant are not split
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
  const merge = eventMerge('select * from staged_event where occurred_at >= $2 and occurred_at < $3');
  const note = 'insert into changed_event select customer_id, previous_customer_id, created from changed';
  for (const [i, start] of starts.entries()) {
    await noteMerge(session, merge, note, [source, start, starts[i + 1] ?? 'infinity']);
    await progress((i + 1) / starts.length);
  }
  await session.query('set local enable_nestloop to default');
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
