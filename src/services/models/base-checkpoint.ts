import { dirname, join } from 'node:path';
import { ClvError } from '../../errors.js';
import { type Checkpoint, loadCheckpoint } from '../../ml/model/checkpoint.js';
import { packageRoot } from '../../package-root.js';
import { downloadModel } from '../hub/download-model.js';
import type { HubSettings } from '../hub/hub-request.js';
import { placeOfModel } from '../hub/model-place.js';
import type { DownloadHooks } from '../hub/snapshot-download.js';

/** Name of the checkpoint that comes with clvgraph. */
export const builtInBase = 'built-in';

/**
 * Loads a pretrained checkpoint.
 * @param base `built-in`, a folder in Hugging Face layout, or a model of the hub, e.g.
 *   `sentence-transformers/all-MiniLM-L6-v2` or `gpt2@main`
 * @throws ClvError CHECKPOINT_INVALID, NOT_FOUND, FORBIDDEN, HUB_UNAVAILABLE
 */
export async function loadBase(
  base: string,
  hub: HubSettings,
  hooks: DownloadHooks = {},
): Promise<Checkpoint> {
  if (base === builtInBase) return loadCheckpoint(join(packageRoot(), 'models', 'base'));
  const place = placeOfModel(base);
  if ('folder' in place) return loadCheckpoint(place.folder);
  const { name } = place;
  const download = await downloadModel(name, hub, hooks);
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
