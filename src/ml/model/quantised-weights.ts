import type { EncoderSpec } from './spec.js';
import { encoderShapes } from './weights.js';

/**
 * Names of the weights that scoring may hold in 8-bit integers: those of the encoder's linear layers, where nearly all
 * its time goes, but for the last one, which computes one position. It, and the head, decide on the last digits.
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
