import { existsSync } from 'node:fs';
import path from 'node:path';
import {
  howToExport,
  mediaFiles,
  type Medium,
  requireType,
  weightsPlaces,
  withoutWeights,
} from '../../ml/media/media-layout.js';
import type { HubSettings } from './hub-request.js';
import type { HubModelName } from './model-name.js';
import { type DownloadHooks, downloadSnapshot, type SnapshotPlan } from './snapshot-download.js';

/**
 * Downloads a model for pictures or recordings into the hub's cache. @returns its folder
 * @throws ClvError NOT_FOUND, FORBIDDEN, HUB_UNAVAILABLE, CHECKPOINT_INVALID
 */
export function downloadMediaModel(
  name: HubModelName,
  medium: Medium,
  settings: HubSettings,
  hooks: DownloadHooks,
): Promise<string> {
  return downloadSnapshot(name, settings, planFor(medium), hooks);
}

const planFor = (medium: Medium): SnapshotPlan => ({
  files: mediaFiles,
  hasWeights: (folder) => weightsPlaces.some(({ files }) => files.every((file) => existsSync(path.join(folder, file)))),
  async weights(download, folder) {
    await requireType(folder, medium);
    for (const { files } of weightsPlaces) {
      const found = await Promise.all(files.map((file) => download.describe(file)));
      const whole = found.filter((file) => file !== undefined);
      if (whole.length === files.length) return whole;
    }
    throw withoutWeights(download.name.id, medium);
  },
  mend: howToExport(medium),
  offline: "copy the model's files, those in onnx included, into a folder and give its path by --model",
});
