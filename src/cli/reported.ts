import { ClvError } from '../errors.js';

/** Runs a command: what its user can mend is told in a line, and ends with status 1; a defect keeps its stack. */
export async function reported(command: () => Promise<unknown>): Promise<void> {
  try {
    await command();
  } catch (error) {
    if (!(error instanceof ClvError)) throw error;
    console.error(`${error.code}: ${error.message}`);
    process.exitCode = 1;
  }
}
