import type { Sound } from './wav.js';

/** Zero crossings of the sinc on each side: more are sharper and slower. */
const crossings = 16;
/** Share of the band that is kept whole; in the rest the filter falls off. */
const rolloff = 0.95;

/**
 * The samples of a sound at another rate, band-limited to half of the lower rate against aliasing, by a Hann-windowed sinc (J. O. Smith,
 * Digital Audio Resampling, "Theory of Ideal Bandlimited Interpolation").
 */
export function resampled({ samples, rate }: Sound, to: number): Float32Array {
  if (rate === to) return samples;
  const divisor = greatestDivisor(rate, to);
  const [from, into] = [rate / divisor, to / divisor];
  const band = rolloff * Math.min(1, into / from);
  const reach = Math.ceil(crossings / band);
  const kernels = Array.from({ length: into }, (_, phase) => kernel((phase * from) / into, band, reach));
  const output = new Float32Array(Math.ceil((samples.length * into) / from));
  for (let i = 0; i < output.length; i++) {
    const weights = kernels[i % into]!;
    const first = Math.floor((i * from) / into) - reach;
    const start = Math.max(0, -first);
    const end = Math.min(weights.length, samples.length - first);
    let sum = 0;
    for (let k = start; k < end; k++) sum += weights[k]! * samples[first + k]!;
    output[i] = sum;
  }
  return output;
}

/** Weights of the samples around `at`, from `reach` before its whole part to `reach` + 1 behind it. */
function kernel(at: number, band: number, reach: number): Float64Array {
  const offset = at - Math.floor(at);
  return Float64Array.from({ length: 2 * reach + 2 }, (_, k) => {
    const distance = (k - reach - offset) * band;
    if (Math.abs(distance) >= crossings) return 0;
    const window = Math.cos((Math.PI * distance) / (2 * crossings)) ** 2;
    return band * window * (distance === 0 ? 1 : Math.sin(Math.PI * distance) / (Math.PI * distance));
  });
}

const greatestDivisor = (a: number, b: number): number => (b === 0 ? a : greatestDivisor(b, a % b));
