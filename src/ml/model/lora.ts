import { add, mul, type Tensor } from '@tensorflow/tfjs-core';
import { project, weight, type Weights } from './layers.js';
import type { HostWeights } from './weights.js';
import type { EncoderSpec, ModelSpec } from './spec.js';

/**
 * Low-rank adaptation (Hu et al. 2021): W x becomes W x + s B A x, with A [r, in] random and B [out, r]
 * zero at the start, on the query and value projections of every layer. W itself stays as it was.
 */

/** The paper's α; the scale s is α / r, so that the rank can change without a new learning rate. */
const ALPHA = 16;

/** s = α / r, or undefined for a model without adapters. */
export function loraScaleOf(spec: ModelSpec): number | undefined {
  return spec.strategy === 'LORA' ? ALPHA / spec.loraRank : undefined;
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
  const down = project(x, weight(weights, `lora.${name}.A`));
  return add(projected, mul(project(down, weight(weights, `lora.${name}.B`)), scale));
}

/**
 * Folds the adapters into the weights that they adapt: W + s B A. The result answers the same and costs nothing more.
 * @returns plain weights and the spec without adapters; both as given where there are none
 */
export function mergeLora(spec: ModelSpec, weights: HostWeights): { spec: ModelSpec; weights: HostWeights } {
  const scale = loraScaleOf(spec);
  if (scale === undefined) return { spec, weights };
  const merged: HostWeights = Object.fromEntries(Object.entries(weights).filter(([name]) => !name.startsWith('lora.')));
  for (const name of adaptedProjections(spec.encoder)) {
    const base = hostWeight(weights, `${name}.weight`);
    const a = hostWeight(weights, `lora.${name}.A`).data;
    const b = hostWeight(weights, `lora.${name}.B`).data;
    const [outputs, inputs] = base.shape as [number, number];
    const data = Float32Array.from(base.data);
    for (let o = 0; o < outputs; o++) {
      for (let i = 0; i < inputs; i++) {
        let product = 0;
        for (let r = 0; r < spec.loraRank; r++) {
          product += (b[o * spec.loraRank + r] as number) * (a[r * inputs + i] as number);
        }
        (data[o * inputs + i] as number) += scale * product;
      }
    }
    merged[`${name}.weight`] = { ...base, data };
  }
  return { spec: { ...spec, strategy: 'FULL' }, weights: merged };
}

function hostWeight(weights: HostWeights, name: string): HostWeights[string] {
  const tensor = weights[name];
  if (!tensor) throw new RangeError(`There is no weight called ${name}.`);
  return tensor;
}
