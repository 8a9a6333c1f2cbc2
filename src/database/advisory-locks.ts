/**
 * All of clvgraph's advisory locks, each with a key of its own, as the SQL functions' arguments: one number, or a class
 * and a number within it, which Postgres never mistakes for each other. Processes of several versions share a database, so
 * a key stays what it is.
 */

/** One process migrates at a time. */
export const migrationLock = '7341, 0';
// '7341, 1' is taken by the database's own function that makes partitions of events.
/** One load of a file or a demo shop at a time. */
export const loadLock = '7341, 2';
/** Class of what one process at a time does; within it a hash of the id of a worker's job, or of the demo set-up's name. */
export const jobLockClass = 7342;
/** Whoever holds it keeps customers from being erased. */
export const erasureLock = '7343';
/** Class of the records that ingestion merges; within it a hash of the record's id. */
export const recordLockClass = 7344;
/** Class of the kinds of runs that are started unless one is active; within it a hash of the kind. */
export const startLockClass = 7345;
/** The first start's processes queue on it to make the first key. */
export const firstKeyLock = '734101';
/** Promotions queue on it, so that there is never a moment with two active models, and so do deletions of what may serve. */
export const promotionLock = '734102';
