import { clamp, drawnToZero, quantile } from '../../math.js';
import { calibrationSlope } from '../../ml/training/metrics/calibration-slope.js';

/**
 * Draws a model's expected values together, or apart: each is divided by (x / pivot)^exponent, where x is what the prior expects of the
 * customer a day over `horizonDays`, clamped to `range`.
 */
export interface SpreadCorrection {
  readonly exponent: number;
  /** Currency a day. A customer from whom the prior expects exactly this keeps the expected value. */
  readonly pivot: number;
  /** Currency a day. Beyond these bounds there are too few customers to tell. */
  readonly range: readonly [lower: number, upper: number];
  /** The longest that was learnt. */
  readonly horizonDays: number;
}

/** Bound of the exponent's size, whatever a few customers say. */
const largestExponent = 0.5;
/** Share of the base beyond either end of `range`, as in the winsorising of features. */
const tail = 0.005;

export interface HeldOut {
  /** Net spend, in currency. */
  readonly actual: readonly number[];
  /** What the model expects. */
  readonly model: readonly number[];
  /** What the prior expects, in the same order. */
  readonly prior: readonly number[];
  readonly horizonDays: number;
}

/**
 * A model of a short history has seen few windows. If customers differed more in these than their prior had it, by chance or for a
 * season, it takes that for the rule. The held-out customers say how far apart expected values should be (a calibration slope). They are
 * few: the slope is shrunk towards 1 as far as it may be chance, and bounded by the model's own spread and the prior's.
 *
 * @param base what the prior expects a day of the customers to be scored; what is expected of all of them together stays
 * @returns null where nothing is to be corrected
 */
export function spreadCorrection(
  { actual, model, prior, horizonDays }: HeldOut,
  base: readonly number[],
): SpreadCorrection | null {
  const ofModel = calibrationSlope(actual, model);
  const onPrior = calibrationSlope(model, prior);
  if (ofModel === null || onPrior === null || !(onPrior.slope > 0)) return null;
  const ofPrior = 1 / onPrior.slope;
  const held = 1 + drawnToZero(ofModel.slope - 1, ofModel.standardError ** 2);
  const power = clamp(held, Math.min(1, ofPrior), Math.max(1, ofPrior));
  const exponent = clamp(onPrior.slope * (1 - power), -largestExponent, largestExponent);
  const range = rangeOf(base);
  const pivot = pivotOf(base, { onPrior: onPrior.slope, exponent, range });
  return exponent !== 0 && Number.isFinite(pivot) && pivot > 0 ? { exponent, pivot, range, horizonDays } : null;
}

/** Natural logs of what a correction that keeps the held-out customers' total multiplies their values by. */
export function spreadOfHeldOut(heldOut: HeldOut): readonly number[] {
  const daily = heldOut.prior.map((expected) => expected / heldOut.horizonDays);
  const correction = spreadCorrection(heldOut, daily);
  return daily.map((expected) => (correction ? spreadShift(correction, expected) : 0));
}

/** Natural log of what the prior's value is multiplied by. @param expected x of `SpreadCorrection`, in currency a day */
export function spreadShift({ exponent, pivot, range }: SpreadCorrection, expected: number): number {
  return -exponent * Math.log(clamp(expected, ...range) / pivot);
}

/** The pivot that keeps the base's total, if the model's expected values are proportional to the prior's to the power of `onPrior`. */
function pivotOf(
  base: readonly number[],
  {
    onPrior,
    exponent,
    range,
  }: { readonly onPrior: number; readonly exponent: number; readonly range: SpreadCorrection['range'] },
): number {
  let [before, after] = [0, 0];
  for (const expected of base) {
    const value = expected ** onPrior;
    before += value;
    after += value / clamp(expected, ...range) ** exponent;
  }
  return (before / after) ** (1 / exponent);
}

function rangeOf(base: readonly number[]): SpreadCorrection['range'] {
  const sorted = Float64Array.from(base).sort();
  return [quantile(sorted, tail), quantile(sorted, 1 - tail)];
}
