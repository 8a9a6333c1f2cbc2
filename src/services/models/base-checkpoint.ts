import { statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Config } from '../../config.js';
import { ClvError } from '../../errors.js';
import { type Checkpoint, loadCheckpoint } from '../../ml/model/checkpoint.js';
import { packageRoot } from '../../package-root.js';
import { downloadModel } from '../hub/download-model.js';
import { parseModelName } from '../hub/model-name.js';
import type { DownloadHooks } from '../hub/snapshot-download.js';

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
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return loadCheckpoint(folder);
  const name = parseModelName(base);
  if (!name) {
    throw new ClvError(
      'CHECKPOINT_INVALID',
      `There is no folder ${folder}, and "${base}" is not the name of a model on the hub (owner/name or owner/name@revision).`,
    );
  }
  const download = await downloadModel(name, { endpoint: hubEndpoint, token: hubToken, cache: hubCache }, hooks);
  try {
    return await loadCheckpoint(download);
  } catch (error) {
    if (!(error instanceof ClvError)) throw error;
    const everything = dirname(dirname(download));
    throw new ClvError(error.code, `${error.message} To download ${name.id} again, delete ${everything} first.`, {
      cause: error,
    });
  }
}
