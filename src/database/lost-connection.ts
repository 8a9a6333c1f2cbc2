/** Error codes of Postgres: it is shutting down, has crashed or is starting, or the connection failed. */
const postgresCodes = new Set(['57P01', '57P02', '57P03', '08000', '08001', '08003', '08004', '08006']);
const socketCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
/** System calls of sockets, rather than of files. */
const socketCalls = new Set(['connect', 'read', 'write', 'getaddrinfo']);

/** TypeORM releases a runner by itself where its connection is lost between two statements. Its manager says so by another error. */
const releasedRunner = /^QueryRunner(Provider)?AlreadyReleasedError$/;

/** Whether a statement failed because Postgres cannot be reached, be it through TypeORM or not. */
export function isConnectionLost(error: unknown): boolean {
  // Node throws it where a host has several addresses and none could be connected to.
  if (error instanceof AggregateError) return error.errors.some(isConnectionLost);
  if (!(error instanceof Error)) return false;
  const { code, syscall, driverError } = error as NodeJS.ErrnoException & { readonly driverError?: unknown };
  if (driverError instanceof Error && driverError !== error) return isConnectionLost(driverError);
  if (releasedRunner.test(error.name) || /connection (terminated|error|timeout)|not queryable/i.test(error.message))
    return true;
  if (code === undefined) return false;
  return postgresCodes.has(code) || (socketCodes.has(code) && socketCalls.has(String(syscall)));
}
