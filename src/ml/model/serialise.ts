import { ClvError } from '../../errors.js';
import type { TokenizerFiles } from '../text/tokenizer.js';
import { parseSafetensors, writeSafetensors } from './safetensors.js';
import { parseModelSpec, type ModelSpec } from './spec.js';
import { modelShapes, type HostWeights, wordEffectsShapes, wordEffectsTable } from './weights.js';

/** A fine-tuned model with all that it takes to use it. */
export interface SerialisedModel {
  readonly spec: ModelSpec;
  /** The weights of `modelShapes(spec)`, and where the model has them those of `wordEffectsShapes(spec)`. */
  readonly weights: HostWeights;
  /** `Tokenizer.files` of the base that it was trained from. */
  readonly tokenizer: TokenizerFiles;
}

/** One safetensors file: the weights, with spec and tokenizer in its metadata. */
export function serialiseModel({ spec, weights, tokenizer }: SerialisedModel): Buffer {
  return writeSafetensors(weights, {
    format: 'clvgraph',
    spec: JSON.stringify(spec),
    tokenizer: tokenizer.tokenizer,
    tokenizerConfig: tokenizer.config,
  });
}

/** @throws ClvError CHECKPOINT_INVALID if the bytes are truncated, or are not such a model */
export function deserialiseModel(bytes: Buffer, where = 'The stored model'): SerialisedModel {
  const file = parseSafetensors(bytes, where);
  const { spec: specText, tokenizer, tokenizerConfig } = file.metadata;
  if (specText === undefined || tokenizer === undefined || tokenizerConfig === undefined) {
    throw new ClvError(
      'CHECKPOINT_INVALID',
      `${where} was not written by clvgraph: it lacks its description or its tokenizer.`,
    );
  }
  const spec = parseModelSpec(JSON.parse(specText));
  const weights: HostWeights = {};
  const expected = { ...modelShapes(spec), ...(file.has(wordEffectsTable) && wordEffectsShapes(spec)) };
  for (const [name, shape] of Object.entries(expected)) {
    if (file.shape(name).join() !== shape.join()) {
      throw new ClvError(
        'CHECKPOINT_INVALID',
        `${where}: tensor ${name} has the shape [${file.shape(name).join(', ')}] in place of [${shape.join(', ')}].`,
      );
    }
    weights[name] = file.tensor(name);
  }
  return { spec, weights, tokenizer: { tokenizer, config: tokenizerConfig } };
}
