import type { DataSource } from 'typeorm';

/**
 * One row for each session that waits for a lock on the table. Of this database alone: Postgres lists the locks of all, and in those that
 * other tests have from the same template tables have the same ids.
 */
export const waitingFor = (dataSource: DataSource, table: string): Promise<unknown[]> =>
  dataSource.query(
    `select from pg_locks join pg_database d on d.oid = database
     where not granted and relation = $1::regclass and datname = current_database()`,
    [table],
  );
