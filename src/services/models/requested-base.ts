import { resolve, sep } from 'node:path';
import type { Config } from '../../config.js';
import { ClvError } from '../../errors.js';
import { isStorable } from '../../storable-text.js';
import { parseModelName } from '../hub/model-name.js';
import { builtInBase } from './base-checkpoint.js';

/**
 * Checks the base of a request, which may be a folder only within the configured one: errors about other folders would reveal which folders
 * and files the workers' machines have.
 * @returns the base, unmistakably a folder or a name of the hub for every worker
 * @throws ClvError BAD_USER_INPUT, whether or not there is such a folder
 */
export function requestedBase(base: string, config: Pick<Config, 'base' | 'baseFolder'>): string {
  if (base === builtInBase || base === config.base) return base;
  const folder = resolve(base);
  if (config.baseFolder && folder.startsWith(resolve(config.baseFolder) + sep) && isStorable(folder)) return folder;
  const name = parseModelName(base);
  if (name) return `${name.id}@${name.revision}`;
  const allowed = config.baseFolder
    ? `a folder in ${resolve(config.baseFolder)} (CLVGRAPH_BASE_FOLDER)`
    : 'a folder in that of CLVGRAPH_BASE_FOLDER, which is not set';
  throw new ClvError(
    'BAD_USER_INPUT',
    `The base "${base}" cannot be named by a request: give built-in, the model of CLVGRAPH_BASE, a model of the hub ` +
      `(owner/name or owner/name@revision), or ${allowed}. The command clvgraph fine-tune takes any folder.`,
  );
}
