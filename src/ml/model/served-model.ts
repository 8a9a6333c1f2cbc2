import { mergeLora } from './lora.js';
import type { ModelSpec } from './spec.js';
import { type HostWeights, numbersHeadShapes } from './weights.js';

/** A trained model in the form that serves it. */
export interface ServedModel {
  /** Without adapters: they are folded into the weights. */
  readonly spec: ModelSpec;
  readonly weights: HostWeights;
  /**
   * Whether the words change any prediction. They do not where training kept the head that learnt from the numbers
   * alone: then `weights` are that head's, and nothing needs to be encoded.
   */
  readonly readsWords: boolean;
}

export function asServed(model: { readonly spec: ModelSpec; readonly weights: HostWeights }): ServedModel {
  const { spec, weights } = mergeLora(model.spec, model.weights);
  const readsWords = ['head.delta.weight', 'head.delta.bias'].some((name) =>
    weights[name]!.data.some((value) => value !== 0),
  );
  if (readsWords) return { spec, weights, readsWords };
  const read = [...Object.keys(numbersHeadShapes(spec)), 'head.prior.weight'].filter((name) => weights[name]);
  return { spec, weights: Object.fromEntries(read.map((name) => [name, weights[name]!])), readsWords };
}
