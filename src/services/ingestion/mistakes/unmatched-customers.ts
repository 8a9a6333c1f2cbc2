import type { ChangeCounts, ImportKind, Namesakes } from '../import.types.js';
import type { IngestionSession } from '../ingestion-session.js';

interface Loaded {
  readonly kind: ImportKind;
  readonly source: string;
  readonly customers: ChangeCounts;
}

/** Fewer customers than this are no sign of a mistake. */
const leastCustomers = 20;
/** The share of a file's customers that must be new, and whose ids must be in another source, too. */
const leastNamesakes = 0.5;
/** The share of a file's customers that must be new, where its ids are suspected to be written in another way. */
const leastNew = 0.99;

/** The other source that has the most of the staged customers' ids, if it has most of them: its `--source` may have been forgotten. */
export async function findNamesakes(
  session: IngestionSession,
  { source, customers }: Loaded,
): Promise<Namesakes | null> {
  const least = leastNamesakes * countOf(customers);
  // Told at the first load: two shops may well count their customers from 1, and load new ones each night.
  if (customers.created < Math.max(1, least)) return null;
  const [found] = await session.query<Namesakes>(
    `select c.source, count(*)::integer as customers
     from staged_customer s join customer c using (external_id)
     where c.source <> $1
       -- An index says whether there is another source.
       and (exists (select from customer where source < $1) or exists (select from customer where source > $1))
     group by c.source
     having count(*) >= $2::double precision
     order by customers desc, c.source
     limit 1`,
    [source, Math.max(leastCustomers, least)],
  );
  return found ?? null;
}

/**
 * Number of customers of the source who lack what the file brings (of a file of orders those without orders, of any other those with), if
 * hardly any customer of the file was known, and their numbers are much the same. 0 otherwise: who came since the last load are few.
 */
export async function countUnmatched(session: IngestionSession, { kind, source, customers }: Loaded): Promise<number> {
  const all = countOf(customers);
  if (customers.created < Math.max(leastCustomers, leastNew * all)) return 0;
  // A first load has no others, which a count of the index says at once.
  const [known] = await session.query<{ customers: number }>(
    'select count(*)::integer as customers from customer where source = $1',
    [source],
  );
  if (known!.customers - all < all / 2) return 0;
  const [found] = await session.query<{ unmatched: number }>(
    `select count(*)::integer as unmatched
     from customer c left join customer_summary s on s.customer_id = c.id
     where c.source = $1 and (coalesce(s.orders, 0) > 0) = $2
       and not exists (select from staged_customer t where t.external_id = c.external_id)`,
    [source, kind !== 'orders' && kind !== 'order-lines'],
  );
  const { unmatched } = found!;
  return unmatched >= all / 2 && unmatched <= all * 2 ? unmatched : 0;
}

const countOf = ({ created, updated, unchanged }: ChangeCounts): number => created + updated + unchanged;
