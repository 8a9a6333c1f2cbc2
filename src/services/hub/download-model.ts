import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  noSafetensors,
  parseJson,
  pickledWeightsFiles,
  weightParts,
  weightsFile,
  weightsIndexFile,
} from '../../ml/model/checkpoint.js';
import { parseEncoderSpec } from '../../ml/model/hf-config.js';
import { slicesOf } from '../../slices.js';
import type { HubFile } from './hub-files.js';
import type { HubSettings } from './hub-request.js';
import type { HubModelName } from './model-name.js';
import { type DownloadHooks, downloadSnapshot, type SnapshotDownload, type SnapshotPlan } from './snapshot-download.js';

const configFile = 'config.json';
const files = [configFile, 'tokenizer.json', 'tokenizer_config.json'] as const;
/** Parts of the weights that are described at a time. */
const requestsAtOnce = 8;

const plan: SnapshotPlan = {
  files,
  hasWeights,
  weights,
  mend:
    'Write it with Python, AutoTokenizer.from_pretrained(name).save_pretrained(folder) beside ' +
    'AutoModel.from_pretrained(name).save_pretrained(folder), and give that folder as the base.',
  offline: `copy the model's ${files.join(', ')} and ${weightsFile} into a folder and give its path as the base`,
};

/**
 * Downloads a base model's `config.json`, tokenizer and weights into the hub's cache. @returns their folder
 * @throws ClvError NOT_FOUND, FORBIDDEN, HUB_UNAVAILABLE, CHECKPOINT_INVALID
 */
export function downloadModel(name: HubModelName, settings: HubSettings, hooks: DownloadHooks): Promise<string> {
  return downloadSnapshot(name, settings, plan, hooks);
}

async function weights(download: SnapshotDownload, folder: string): Promise<HubFile[]> {
  // Refuses an unsupported model before its weights are downloaded.
  const configPath = path.join(folder, configFile);
  parseEncoderSpec(parseJson(await readFile(configPath, 'utf8'), configPath), configPath);
  const single = await download.describe(weightsFile);
  if (single) return [single];
  const index = await download.describe(weightsIndexFile);
  if (!index) {
    const pickled = await Promise.all(pickledWeightsFiles.map((file) => download.describe(file)));
    throw noSafetensors(download.name.id, pickled.find((file) => file !== undefined)?.name);
  }
  await download.fetch(index, folder);
  const parts = weightParts(await readFile(path.join(folder, weightsIndexFile), 'utf8'), weightsIndexFile);
  const described: HubFile[] = [];
  for (const some of slicesOf(parts, requestsAtOnce)) {
    described.push(...(await Promise.all(some.map((part) => download.required(part)))));
  }
  return described;
}

async function hasWeights(folder: string): Promise<boolean> {
  const isThere = (file: string): boolean => existsSync(path.join(folder, file));
  if (isThere(weightsFile)) return true;
  if (!isThere(weightsIndexFile)) return false;
  const index = path.join(folder, weightsIndexFile);
  return weightParts(await readFile(index, 'utf8'), index).every(isThere);
}
