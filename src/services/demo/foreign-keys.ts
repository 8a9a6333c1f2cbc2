import type { Queryable } from '../../database/queryable.js';

interface ForeignKey {
  readonly table: string;
  readonly name: string;
  readonly definition: string;
}

/**
 * Does bulk work with the tables' foreign keys lifted, and puts them back after it: Postgres then checks them with a
 * join a table, not with a look-up a row, which is nearly half of a load's work. Inside a transaction only. Until its
 * end nobody else reads or writes the tables or those they refer to.
 */
export async function withForeignKeysLifted(
  queryable: Queryable,
  tables: readonly string[],
  work: () => Promise<void>,
): Promise<void> {
  const keys = await queryable.query<ForeignKey>(
    `select conrelid::regclass::text as table, quote_ident(conname) as name, pg_get_constraintdef(oid) as definition
     from pg_constraint where contype = 'f' and conrelid = any($1::text[]::regclass[]) order by conrelid, conname`,
    [tables],
  );
  for (const { table, name } of keys) await queryable.query(`alter table ${table} drop constraint ${name}`);
  await work();
  for (const { table, name, definition } of keys) {
    await queryable.query(`alter table ${table} add constraint ${name} ${definition}`);
  }
}
