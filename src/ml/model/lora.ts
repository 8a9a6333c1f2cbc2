import { add, mul, type Tensor } from '@tensorflow/tfjs-core';
import { project, named, type Weights } from './layers.js';
import type { EncoderSpec, ModelSpec } from './spec.js';

/**
 * Low-rank adaptation (Hu et al. 2021): W x becomes W x + s B A x, with A [r, in] random and B [out, r]
 * zero at the start, on the query and value projections of every layer. W itself stays as it was.
 */

/** The paper's α; the scale s is α / r, so that the rank can change without a new learning rate. */
const alpha = 16;

/** s = α / r, or undefined for a model without adapters. */
export function loraScaleOf(spec: ModelSpec): number | undefined {
  return spec.strategy === 'LORA' ? alpha / spec.loraRank : undefined;
}

/** The projections that carry an adapter, e.g. `encoder.layer.0.attention.self.query`. */
export function adaptedProjections(spec: EncoderSpec): string[] {
  return Array.from({ length: spec.layers }, (_, i) =>
    ['query', 'value'].map((part) => `encoder.layer.${i}.attention.self.${part}`),
  ).flat();
}

/** Adds s B A x to `projected` = W x + b, if the model has adapters. */
export function adapt(weights: Weights, name: string, x: Tensor, projected: Tensor, scale: number | undefined): Tensor {
  if (scale === undefined) return projected;
  const down = project(x, named(weights, `lora.${name}.A`));
  return add(projected, mul(project(down, named(weights, `lora.${name}.B`)), scale));
}
