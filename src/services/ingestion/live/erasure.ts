import type { DataSource } from 'typeorm';
import { z } from 'zod';
import { erasureLock } from '../../../database/advisory-locks.js';
import { ClvError } from '../../../errors.js';
import { inDeletingTransaction } from '../ingestion-session.js';
import { lockKeys } from '../key-locks.js';
import { sourceName } from '../source-name.js';
import { id } from './upsert.schemas.js';
import { maximumBatchSize } from './upsert.types.js';

/** What became of a request to erase customers. */
export interface Erasure {
  readonly erased: number;
  /** External ids that no customer of the source has. */
  readonly unknown: readonly string[];
}

/** Notified when customers were erased: caches must forget them. */
export const customersErasedChannel = 'customers_erased';

const idList = z.array(id).max(maximumBatchSize, `holds more than ${maximumBatchSize} ids: send them in several calls`);

/** Tables whose rows name a customer without a foreign key that would delete them. */
const unreferenced = ['behavior_event', 'explanation', 'snapshot_row'];

/** Members are found by campaign and customer, which is their index, so that not all are read. */
const deleteMembers = `
      delete from campaign_member m using campaign k
      where m.campaign_id = k.id and m.customer_id = any($1::bigint[])`;

/**
 * Removes customers with all that is stored about them: personal data, orders, events, predictions, explanations, rows of snapshots. In
 * one transaction.
 * @throws ClvError BAD_USER_INPUT for more than 1,000 ids, or for an id or a source that cannot be one; CONFLICT where others
 *   write for more than ten seconds
 */
export async function eraseCustomers(
  dataSource: DataSource,
  externalIds: readonly string[],
  givenSource: string,
): Promise<Erasure> {
  const source = sourceName(givenSource);
  const ids = distinctIds(externalIds);
  return inDeletingTransaction(dataSource, async (session) => {
    await lockKeys(session, source, { customers: ids });
    await session.query(lockErasures);
    // This comes first: it waits for others who write about these customers, so that the next statements see what they wrote.
    const erased = await session.query<{ id: string; external_id: string }>(
      'delete from customer where source = $1 and external_id = any($2::text[]) returning id, external_id',
      [source, ids],
    );
    const erasedIds = erased.map(({ id }) => id);
    for (const table of unreferenced) {
      await session.query(`delete from ${table} where customer_id = any($1::bigint[])`, [erasedIds]);
    }
    // Waits for a campaign that is being started.
    await session.query(deleteMembers, [erasedIds]);
    await session.query('select pg_notify($1, $2)', [customersErasedChannel, '']);
    const found = new Set(erased.map((row) => row.external_id));
    return { erased: erased.length, unknown: ids.filter((id) => !found.has(id)) };
  });
}

/** Keeps erasures from beginning until the end of the transaction. */
export const lockErasures = `select pg_advisory_xact_lock(${erasureLock})`;

/** The ids, checked and without duplicates. */
function distinctIds(externalIds: readonly string[]): string[] {
  const parsed = idList.safeParse(externalIds);
  if (parsed.success) return [...new Set(parsed.data)];
  const [{ path, message }] = parsed.error.issues as [z.core.$ZodIssue];
  throw new ClvError('BAD_USER_INPUT', `${['externalIds', ...path].join('.')}: ${message}. Nothing was erased.`);
}
