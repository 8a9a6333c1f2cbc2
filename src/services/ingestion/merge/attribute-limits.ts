import { ClvError } from '../../../errors.js';
import { grouped, quoted } from '../../../text.js';
import type { IngestionSession } from '../ingestion-session.js';
import { mergedAttributes } from './attributes.js';

/** Attributes of one customer or event. Loads and calls add to them, and a page has many of both. */
const mostAttributes = 1_000;
/** Bytes as `jsonb`, which is larger than what was sent. */
const mostBytes = 65_536;
/** An attribute takes at least two entries of four bytes, so that in fewer bytes they need not be counted. */
const leastBytesOfMany = 8 * mostAttributes;

/** SQL for the size of attributes, in words, where they are more than a record may have; null where they are not. */
export function sizeBeyondLimit(attributes: string): string {
  const bytes = `pg_column_size(${attributes})`;
  return `case when ${bytes} > ${leastBytesOfMany} then (
    select to_char(count(*), 'FM999,999,999') || ' of ' || to_char(${bytes}, 'FM999,999,999') || ' bytes'
    from jsonb_object_keys(${attributes})
    having count(*) > ${mostAttributes} or ${bytes} > ${mostBytes}) end`;
}

const wouldBe = (size: string) =>
  `would be ${size}, together with those that are stored; at most ${grouped(mostAttributes)} of ${grouped(mostBytes)} bytes are kept`;

/** Why an item is refused. @param size as from `sizeBeyondLimit` */
export const tooManyAttributes = (size: string): string => `attributes: ${wouldBe(size)}. Remove some first, by null`;

interface OverfullCustomer {
  readonly external_id: string;
  readonly size: string;
}

/**
 * Customers who would have too many attributes after the merge. To be called before it, in the same transaction.
 * @param given query for the records, as in `customerMerge`, with the same parameters
 */
export function overfullCustomers(
  session: IngestionSession,
  given: string,
  parameters: readonly unknown[],
): Promise<OverfullCustomer[]> {
  return session.query<OverfullCustomer>(
    `select external_id, size
     from (
       select external_id, ${sizeBeyondLimit('attributes')} as size
       from (
         select g.external_id, ${mergedAttributes('c.attributes')} as attributes
         from (${given}) as g left join customer c on c.source = $1 and c.external_id = g.external_id
         where g.attributes is not null
         -- Lest the attributes be merged once for each condition.
         offset 0
       ) as merged
     ) as sized
     where size is not null`,
    [...parameters],
  );
}

/** @throws ClvError IMPORT_INVALID where staged customers would have too many attributes after the merge */
export async function requireRoomForAttributes(session: IngestionSession, source: string): Promise<void> {
  const [first, ...others] = await overfullCustomers(session, 'select * from staged_customer', [source]);
  if (first === undefined) return;
  throw overfullLoad(`customer ${quoted(first.external_id)} of source ${quoted(source)}`, {
    size: first.size,
    others: others.length,
    removal: 'upsertCustomers',
  });
}

/** @param removal the mutation that removes attributes of such records */
export function overfullLoad(
  record: string,
  { size, others, removal }: { readonly size: string; readonly others: number; readonly removal: string },
): ClvError {
  const more = others > 0 ? ` ${grouped(others)} more would have too many.` : '';
  return new ClvError(
    'IMPORT_INVALID',
    `The attributes of ${record} ${wouldBe(size)}.${more} Nothing was imported. Map fewer columns, or remove ` +
      `attributes first: ${removal} with null for each.`,
  );
}
