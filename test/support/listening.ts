/**
 * The sessions of this database that LISTEN: what follows `from` in SQL. Their last statement is that or, once they have been there for some
 * time, the check that the server still is, which the sessions of leases make, too.
 */
export const listeningSessions = `pg_stat_activity session
  where datname = current_database() and (query like 'listen %' or query = 'select 1')
    and not exists (select from pg_locks held where held.pid = session.pid and held.locktype = 'advisory')`;
