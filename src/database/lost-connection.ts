/** Of Postgres (shut down, crashed, starting, connection exceptions) and of the socket. */
const codes = new Set([
  '57P01',
  '57P02',
  '57P03',
  '08000',
  '08001',
  '08003',
  '08004',
  '08006',
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
]);

/** Whether a statement failed because Postgres cannot be reached, be it through TypeORM or not. */
export function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, driverError } = error as Error & { readonly code?: unknown; readonly driverError?: unknown };
  if (driverError instanceof Error && driverError !== error) return isConnectionLost(driverError);
  return codes.has(String(code)) || /connection (terminated|error|timeout)|not queryable/i.test(error.message);
}
