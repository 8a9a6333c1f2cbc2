import { QueryFailedError } from 'typeorm';
import { ClvError } from '../errors.js';

const uniqueViolation = '23505';

/** Writes a record whose name must be unique. @throws ClvError CONFLICT where another one has the name */
export async function withFreeName<T>(what: string, name: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof QueryFailedError) || error.driverError.code !== uniqueViolation) throw error;
    throw new ClvError('CONFLICT', `There is a ${what} "${name}" already. Choose another name.`);
  }
}
