import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Checkpoint, loadCheckpoint } from '../ml/model/checkpoint.js';

/** Name of the checkpoint that comes with clvgraph. */
export const builtInBase = 'built-in';

/**
 * Loads a pretrained checkpoint.
 * @param base `built-in`, or a folder in Hugging Face layout
 * @throws ClvError CHECKPOINT_INVALID
 */
export function loadBase(base: string): Promise<Checkpoint> {
  return loadCheckpoint(base === builtInBase ? join(packageRoot(), 'models', 'base') : resolve(base));
}

/** The sources and their compiled form lie at different depths. */
function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}
