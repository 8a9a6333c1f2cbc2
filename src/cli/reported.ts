import { databaseFailure } from '../database/database-failure.js';
import { ClvError } from '../errors.js';

/** Runs a command: what its user can mend is told in a line, and ends with status 1; a defect keeps its stack. */
export async function reported(command: () => Promise<unknown>): Promise<void> {
  try {
    await command();
  } catch (error) {
    const told = error instanceof ClvError ? error : databaseFailure(error);
    if (!told) throw error;
    console.error(`${told.code}: ${told.message}`);
    process.exitCode = 1;
  }
}
