import { statSync } from 'node:fs';
import path from 'node:path';
import type { Config } from '../../config.js';
import { ClvError } from '../../errors.js';
import { type Describer, loadDescriber } from '../../ml/media/describer.js';
import type { Medium } from '../../ml/media/media-layout.js';
import { downloadMediaModel } from '../hub/download-media-model.js';
import { parseModelName } from '../hub/model-name.js';
import type { DownloadHooks } from '../hub/snapshot-download.js';

export type HubConfig = Pick<Config, 'hubEndpoint' | 'hubToken' | 'hubCache'>;

/**
 * Loads what describes pictures or recordings.
 * @param model a folder in Hugging Face layout, or a name on the hub, e.g. `onnx-community/whisper-base`
 * @throws ClvError CHECKPOINT_INVALID, NOT_FOUND, FORBIDDEN, HUB_UNAVAILABLE; BAD_USER_INPUT for an unknown language
 */
export async function openDescriber(
  medium: Medium,
  { model, language }: { readonly model: string; readonly language?: string },
  { hubEndpoint, hubToken, hubCache }: HubConfig,
  hooks: DownloadHooks,
): Promise<Describer> {
  const folder = path.resolve(model);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return loadDescriber(medium, folder, language);
  const name = parseModelName(model);
  if (!name) {
    throw new ClvError(
      'CHECKPOINT_INVALID',
      `There is no folder ${folder}, and "${model}" is not the name of a model on the hub (owner/name or owner/name@revision).`,
    );
  }
  const settings = { endpoint: hubEndpoint, token: hubToken, cache: hubCache };
  return loadDescriber(medium, await downloadMediaModel(name, medium, settings, hooks), language);
}
