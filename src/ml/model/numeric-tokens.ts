import { add, expandDims, mul, type Tensor } from '@tensorflow/tfjs-core';
import { named, type Weights } from './layers.js';

/**
 * Feature tokenizer (Gorishniy et al. 2021, FT-Transformer): feature f with value x_f becomes the token
 * x_f w_f + b_f. The bias says which feature it is, the scaled vector how much of it there is.
 * @param numeric float32 [B, F], standardised
 * @returns [B, F, H]
 */
export function numericTokens(weights: Weights, numeric: Tensor): Tensor {
  const scaled = mul(expandDims(numeric, 2), expandDims(named(weights, 'numeric.weight'), 0));
  return add(scaled, expandDims(named(weights, 'numeric.bias'), 0));
}
