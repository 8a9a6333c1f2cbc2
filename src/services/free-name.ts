import { QueryFailedError } from 'typeorm';
import { ClvError } from '../errors.js';

const uniqueViolation = '23505';

/** Writes what must have a name of its own. @throws ClvError CONFLICT where another one has it */
export async function withFreeName<T>(what: string, name: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof QueryFailedError) || error.driverError.code !== uniqueViolation) throw error;
    throw new ClvError('CONFLICT', `There is a ${what} "${name}" already. Choose another name.`);
  }
}
