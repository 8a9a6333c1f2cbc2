import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ClvError } from '../../src/errors.js';
import type { DataSet } from './protocols.js';

/** Where a data set lies. @throws ClvError IMPORT_INVALID that says where to get it */
export function dataFile(folder: string, { file, title, source }: Pick<DataSet, 'file' | 'title' | 'source'>): string {
  const path = join(folder, file);
  if (existsSync(path)) return path;
  throw new ClvError(
    'IMPORT_INVALID',
    `${title} is not at ${path}. It is no part of this repository: ${source}. Another folder: --data.`,
  );
}
