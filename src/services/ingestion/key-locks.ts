import { recordLockClass } from '../../database/advisory-locks.js';
import type { IngestionSession } from './ingestion-session.js';

/** The ids of each kind share this number of locks: Postgres has room for some thousands in all. */
const locksOfKind = 64;

const kinds = ['customers', 'products', 'orders', 'events'] as const;
type Kind = (typeof kinds)[number];

/**
 * Waits for other batches that write records of these ids, and keeps later ones waiting until the transaction ends. A merge adds to what
 * it has read: if two read the same record, the later write would undo the earlier one, and purchase days would be those of a state that
 * is gone. Call it first in the transaction.
 */
export async function lockKeys(
  session: IngestionSession,
  source: string,
  ids: Partial<Record<Kind, readonly (string | null | undefined)[]>>,
): Promise<void> {
  const keys = kinds.flatMap((kind, place) =>
    [...new Set(ids[kind])].flatMap((id) =>
      typeof id === 'string' ? [{ place, key: JSON.stringify([source, id]) }] : [],
    ),
  );
  // In a fixed order, so that two batches wait for each other instead of deadlocking.
  await session.query(
    `select pg_advisory_xact_lock(${recordLockClass}, lock)
     from (
       select distinct place * ${locksOfKind} + (hashtext(key) & ${locksOfKind - 1}) as lock
       from unnest($1::integer[], $2::text[]) as keys (place, key)
       order by lock
     ) as locks`,
    [keys.map(({ place }) => place), keys.map(({ key }) => key)],
  );
}
