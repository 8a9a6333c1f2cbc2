import type { HostTensor } from '../engine/engine.js';
import { allNamed } from './layers.js';
import { mergeLora } from './merge-lora.js';
import type { ModelSpec } from './spec.js';
import { type HostModel, type HostWeights, numbersHeadShapes, wordEffectsTable } from './weights.js';

/** A trained model in the form that serves it. */
interface ServedModel {
  /** Without adapters: they are folded into the weights. */
  readonly spec: ModelSpec;
  /** What its programs read. */
  readonly weights: HostWeights;
  /** See `movedByWords`. */
  readonly wordEffects: HostTensor | null;
  /**
   * Whether the encoder changes any prediction. It does not where training kept the head that learnt from the numbers:
   * then `weights` are that head's, and nothing needs to be encoded.
   */
  readonly encodes: boolean;
}

export const wordReadings = ['NONE', 'EFFECTS', 'ENCODED'] as const;

/** How words change predictions: not at all; by moving the prior; by the encoder, and perhaps by moving the prior, too. */
export type WordReading = (typeof wordReadings)[number];

export function wordReadingOf({ wordEffects, encodes }: ServedModel): WordReading {
  if (encodes) return 'ENCODED';
  return wordEffects ? 'EFFECTS' : 'NONE';
}

export function asServed(model: HostModel): ServedModel {
  const { spec, weights: merged } = mergeLora(model.spec, model.weights);
  const { [wordEffectsTable]: wordEffects = null, ...weights } = merged;
  const encodes = ['head.delta.weight', 'head.delta.bias'].some((name) =>
    weights[name]!.data.some((value) => value !== 0),
  );
  if (encodes) return { spec, weights, wordEffects, encodes };
  return { spec, weights: allNamed(weights, Object.keys(numbersHeadShapes(spec))), wordEffects, encodes };
}
