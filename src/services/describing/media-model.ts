import { type Describer, loadDescriber } from '../../ml/media/describer.js';
import type { Medium } from '../../ml/media/media-layout.js';
import { downloadMediaModel } from '../hub/download-media-model.js';
import type { HubSettings } from '../hub/hub-request.js';
import { placeOfModel } from '../hub/model-place.js';
import type { DownloadHooks } from '../hub/snapshot-download.js';

/**
 * Loads a model that describes pictures or recordings.
 * @param model a folder in Hugging Face layout, or a name on the hub, e.g. `onnx-community/whisper-base`
 * @throws ClvError CHECKPOINT_INVALID, NOT_FOUND, FORBIDDEN, HUB_UNAVAILABLE; BAD_USER_INPUT for an unknown language
 */
export async function openDescriber(
  medium: Medium,
  { model, language }: { readonly model: string; readonly language?: string },
  hub: HubSettings,
  hooks: DownloadHooks,
): Promise<Describer> {
  const place = placeOfModel(model);
  const folder = 'folder' in place ? place.folder : await downloadMediaModel(place.name, medium, hub, hooks);
  return loadDescriber(medium, folder, language);
}
