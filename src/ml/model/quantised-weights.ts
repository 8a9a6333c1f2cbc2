import type { EncoderSpec } from './spec.js';
import { encoderShapes } from './weights.js';

/**
 * Names of the weights that scoring may hold in 8-bit integers: those of the encoder's linear layers, which take nearly all the time.
 * The last layer, which computes one position only, and the head stay in float32: predictions depend on their last digits most.
 */
export function quantisableWeights(encoder: EncoderSpec): string[] {
  const last = `encoder.layer.${encoder.layers - 1}.`;
  return Object.keys(encoderShapes(encoder)).filter(
    (name) =>
      name.startsWith('encoder.layer.') &&
      !name.startsWith(last) &&
      name.endsWith('.weight') &&
      !name.includes('LayerNorm'),
  );
}
