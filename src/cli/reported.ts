import { databaseFailure } from '../database/database-failure.js';
import { errorForLog } from '../error-for-log.js';
import { ClvError } from '../errors.js';
import { failureStatus } from './stop-signals.js';

/**
 * Runs a command: what its user can mend is told in a line, and ends with status 1, or that of the
 * signal by which it was told to stop; a defect keeps its stack, without the rows that Postgres quotes.
 */
export async function reported(command: () => Promise<unknown>): Promise<void> {
  try {
    await command();
  } catch (error) {
    tellFailure(error);
    process.exitCode = failureStatus();
  }
}

export function tellFailure(error: unknown): void {
  const told = error instanceof ClvError ? error : databaseFailure(error);
  console.error(told ? `${told.code}: ${told.message}` : errorForLog(error as Error));
}
