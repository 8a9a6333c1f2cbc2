import type { Config } from '../../config.js';
import type { HubSettings } from '../../services/hub/hub-request.js';
import { placeOfModel } from '../../services/hub/model-place.js';
import { builtInBase, loadBase } from '../../services/models/base-checkpoint.js';
import { type Finding, missing, ok, warn } from './finding.js';
import { reasonOf } from '../../errors.js';

const name = 'Base checkpoint';

/** Checks the pretrained model of `CLVGRAPH_BASE`. One of the hub is not downloaded here. */
export async function checkBase(config: Pick<Config, 'base'> & HubSettings): Promise<Finding> {
  const { base } = config;
  try {
    if (base !== builtInBase && 'name' in placeOfModel(base)) return ofHub(base, config);
    const { spec } = await loadBase(base, config);
    const { modelType, layers, hiddenSize, vocabSize } = spec;
    return ok(name, `${base}: ${modelType}, ${layers} layers, hidden size ${hiddenSize}, vocabulary ${vocabSize}`);
  } catch (error) {
    return missing(
      name,
      reasonOf(error),
      base === builtInBase
        ? 'Install clvgraph again.'
        : 'Set CLVGRAPH_BASE to a folder in Hugging Face layout, as an absolute path, or leave it out for the built-in base.',
    );
  }
}

function ofHub(base: string, { hubCache }: HubSettings): Finding {
  return warn(
    name,
    `${base} is not a folder here; the first fine-tune takes it from the hub's cache or downloads it`,
    `Without a network, download it beforehand to ${hubCache}, or set CLVGRAPH_BASE to its folder.`,
  );
}
