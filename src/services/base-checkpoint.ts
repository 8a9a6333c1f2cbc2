import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Config } from '../config.js';
import { type Checkpoint, loadCheckpoint } from '../ml/model/checkpoint.js';
import { packageRoot } from '../package-root.js';
import { type DownloadHooks, downloadModel } from './hub/download-model.js';
import { parseModelName } from './hub/model-name.js';

/** Name of the checkpoint that comes with clvgraph. */
export const builtInBase = 'built-in';

/**
 * Loads a pretrained checkpoint.
 * @param base `built-in`, a folder in Hugging Face layout, or a model of the hub, e.g.
 *   `sentence-transformers/all-MiniLM-L6-v2` or `gpt2@main`; a folder that exists comes before the hub
 * @throws ClvError CHECKPOINT_INVALID, NOT_FOUND, FORBIDDEN, HUB_UNAVAILABLE
 */
export async function loadBase(
  base: string,
  { hubEndpoint, hubToken, hubCache }: Pick<Config, 'hubEndpoint' | 'hubToken' | 'hubCache'>,
  hooks: DownloadHooks = {},
): Promise<Checkpoint> {
  if (base === builtInBase) return loadCheckpoint(join(packageRoot(), 'models', 'base'));
  const folder = resolve(base);
  const name = parseModelName(base);
  if (!name || statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return loadCheckpoint(folder);
  return loadCheckpoint(await downloadModel(name, { endpoint: hubEndpoint, token: hubToken, cache: hubCache }, hooks));
}
