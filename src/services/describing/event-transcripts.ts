import type { BehaviorEventType } from '../../entities/index.js';
import { spokenTypes } from '../../ml/features/event-tables.js';
import { lockKeys } from '../ingestion/key-locks.js';
import type { DescribedRecords, FoundRecord } from './described-records.js';
import type { DescribingRow } from './describing-rows.js';

interface EventRow {
  readonly id: string;
  readonly external_id: string;
  readonly occurred_at: Date;
  readonly type: BehaviorEventType;
  readonly described: boolean;
}

/** Transcripts of recordings, as the texts of the events that these belong to. */
export const eventTranscripts: DescribedRecords = {
  async find(database, source, rows) {
    const events = await database.query<EventRow>(
      `select id, external_id, occurred_at, type, text is not null as described
       from behavior_event where source = $1 and external_id = any($2::text[])`,
      [source, rows.map(({ externalId }) => externalId)],
    );
    const byId = new Map<string, EventRow[]>();
    for (const event of events) byId.set(event.external_id, [...(byId.get(event.external_id) ?? []), event]);
    return rows.map((row) => eventOf(row, byId.get(row.externalId) ?? [], source));
  },

  async write(session, source, descriptions, again) {
    await lockKeys(session, source, { events: descriptions.map(({ record }) => record.externalId) });
    // Events of customers who were erased meanwhile no longer exist.
    const changed = await session.query<{ customer_id: string }>(
      `update behavior_event e set text = given.text
       from unnest($1::bigint[], $2::text[]) as given (id, text)
       where e.id = given.id and (e.text is null or $3) and e.text is distinct from given.text
       returning e.customer_id`,
      [descriptions.map(({ record }) => record.key), descriptions.map(({ text }) => text), again],
    );
    const customerIds = new Set(changed.map((event) => event.customer_id));
    return { changed: changed.length, customerIds: [...customerIds] };
  },
};

function eventOf({ externalId, occurredAt }: DescribingRow, named: EventRow[], source: string): FoundRecord | string {
  const events = occurredAt ? named.filter((event) => event.occurred_at.getTime() === occurredAt.getTime()) : named;
  const [event] = events;
  if (!event)
    return `is not an event of the source ${source}${occurredAt ? ' at that instant' : ''}: import events first`;
  if (events.length > 1) return `stands for ${events.length} events: map event.occurredAt, too`;
  if (!spokenTypes.some((type) => type === event.type)) {
    return `is an event of type ${event.type}, whose text nothing reads: recordings belong to ${spokenTypes.join(', ')}`;
  }
  return { key: event.id, externalId, isDescribed: event.described };
}
