import { databaseFailure } from '../database/database-failure.js';
import { errorForLog } from '../error-for-log.js';
import { ClvError } from '../errors.js';
import { failureStatus } from './stop-signals.js';

/**
 * Runs a command. A failure that its user can mend is printed as one line, and the exit status is 1, or that of the signal by which the
 * command was told to stop. A defect is printed with its stack, but without the rows that Postgres quotes.
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
