import { named } from './layers.js';
import { adaptedProjections, loraScaleOf } from './lora.js';
import type { ModelSpec } from './spec.js';
import type { HostWeights } from './weights.js';

/**
 * Folds the adapters into the weights that they adapt: W + s B A. The result answers the same and costs nothing more.
 * @returns plain weights and the spec without adapters; both as given where there are none
 */
export function mergeLora(spec: ModelSpec, weights: HostWeights): { spec: ModelSpec; weights: HostWeights } {
  const scale = loraScaleOf(spec);
  if (scale === undefined) return { spec, weights };
  const merged: HostWeights = Object.fromEntries(Object.entries(weights).filter(([name]) => !name.startsWith('lora.')));
  for (const name of adaptedProjections(spec.encoder)) {
    const base = named(weights, `${name}.weight`);
    const a = named(weights, `lora.${name}.A`).data;
    const b = named(weights, `lora.${name}.B`).data;
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
