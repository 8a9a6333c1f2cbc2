import type { EncoderSpec } from './spec.js';
import { encoderShapes } from './weights.js';

/**
 * Names of the weights that scoring may hold in 8-bit integers: those of the encoder's linear layers, where nearly all
 * its time goes. Tables are only looked up, and the head, which is small, decides on the last digits.
 */
export function quantisableWeights(encoder: EncoderSpec): string[] {
  return Object.keys(encoderShapes(encoder)).filter(
    (name) => name.startsWith('encoder.layer.') && name.endsWith('.weight') && !name.includes('LayerNorm'),
  );
}
