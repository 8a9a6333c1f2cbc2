import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { ClvError } from '../../errors.js';
import { type HubModelName, parseModelName } from './model-name.js';

/**
 * Where a model is: in a folder, as an absolute path, or on the hub. An existing folder takes precedence.
 * @param given a folder, or a name as `parseModelName` reads it
 * @throws ClvError CHECKPOINT_INVALID for what is neither
 */
export function placeOfModel(given: string): { readonly folder: string } | { readonly name: HubModelName } {
  const folder = resolve(given);
  const problem = problemOf(folder);
  if (problem === undefined) return { folder };
  const name = parseModelName(given);
  if (name) return { name };
  throw new ClvError(
    'CHECKPOINT_INVALID',
    `${problem}, and "${given}" is not the name of a model on the hub (owner/name or owner/name@revision).`,
  );
}

/** Why it is not a readable folder; undefined if it is. A folder within one that this process may not enter may exist. */
function problemOf(folder: string): string | undefined {
  try {
    return statSync(folder, { throwIfNoEntry: false })?.isDirectory() ? undefined : `There is no folder ${folder}`;
  } catch (error) {
    return `${folder} cannot be read (${(error as NodeJS.ErrnoException).code})`;
  }
}
