/**
 * All advisory locks of clvgraph, each with a key of its own, as arguments of the SQL functions: one number, or a class and a number within
 * it, which are separate key spaces in Postgres. Keys must not change, since processes of several versions share a database.
 */

/** One process migrates at a time. */
export const migrationLock = '7341, 0';
// '7341, 1' is taken by the database's own function that makes partitions of events.
/** One load of a file or a demo shop at a time. */
export const loadLock = '7341, 2';
/** Class of work that one process at a time does; within it a hash of the job's id, or of the name of the demo set-up. */
export const jobLockClass = 7342;
/** While it is held, no customers are erased. */
export const erasureLock = '7343';
/** Class of the records that ingestion merges; within it a hash of the record's id. */
export const recordLockClass = 7344;
/** Class of the kinds of runs that are started unless one is active; within it a hash of the kind. */
export const startLockClass = 7345;
/** Processes of a first start take it to make the first API key. */
export const firstKeyLock = '734101';
/** Promotions take it, so that there are never two active models, and so do deletions of models that could be promoted. */
export const promotionLock = '734102';
