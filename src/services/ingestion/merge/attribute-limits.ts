import { ClvError } from '../../../errors.js';
import { grouped, quoted } from '../../../text.js';
import type { IngestionSession } from '../ingestion-session.js';
import { mergedAttributes } from './attributes.js';

/** Attributes of one customer. Loads and upserts add to them, and a page has many customers. */
const mostAttributes = 1_000;
/** Bytes as `jsonb`, which is larger than what was sent. */
const mostBytes = 65_536;
/** An attribute takes at least two entries of four bytes, so that in fewer bytes they need not be counted. */
const leastBytesOfMany = 8 * mostAttributes;

const bound = `more than ${grouped(mostAttributes)} attributes, or ${grouped(mostBytes)} bytes of them, together with those that are stored`;

/** Why an upsert of a customer is refused. */
export const tooManyAttributes = `attributes: would be ${bound}; remove some first, by null`;

/**
 * Customers who would have too many attributes after the merge. To be called before it, in the same transaction.
 * @param given query for the records, as in `customerMerge`, with the same parameters
 * @returns their external ids
 */
export async function overfullCustomers(
  session: IngestionSession,
  given: string,
  parameters: readonly unknown[],
): Promise<string[]> {
  const rows = await session.query<{ external_id: string }>(
    `select external_id
     from (
       select g.external_id, ${mergedAttributes('c.attributes')} as attributes
       from (${given}) as g left join customer c on c.source = $1 and c.external_id = g.external_id
       where g.attributes is not null
       -- Lest the attributes be merged once for each condition.
       offset 0
     ) as merged
     where pg_column_size(attributes) > ${leastBytesOfMany} and (
       pg_column_size(attributes) > ${mostBytes}
       or (select count(*) from jsonb_object_keys(attributes)) > ${mostAttributes})`,
    [...parameters],
  );
  return rows.map((row) => row.external_id);
}

/** @throws ClvError IMPORT_INVALID where staged customers would have too many attributes after the merge */
export async function requireRoomForAttributes(session: IngestionSession, source: string): Promise<void> {
  const [first, ...others] = await overfullCustomers(session, 'select * from staged_customer', [source]);
  if (first === undefined) return;
  const who = others.length > 0 ? `${quoted(first)} and ${grouped(others.length)} others` : quoted(first);
  throw new ClvError(
    'IMPORT_INVALID',
    `The attributes of customer ${who} of source ${quoted(source)} would be ${bound}. Nothing was imported. Map ` +
      'fewer columns, or remove attributes first: upsertCustomers with null for each.',
  );
}
