import { clamp, drawnToZero, quantile } from '../../math.js';
import { calibrationSlope } from '../../ml/training/metrics/calibration-slope.js';

/**
 * What a model's expected values are drawn together by, or apart: each is divided by (x / pivot) to the power of `exponent`,
 * x being what the prior expects of the customer a day over `horizonDays`, held within `range`.
 */
export interface SpreadCorrection {
  readonly exponent: number;
  /** In currency a day: a customer from whom the prior expects exactly this keeps the expected value. */
  readonly pivot: number;
  /** In currency a day: beyond, there are too few customers to tell. */
  readonly range: readonly [lower: number, upper: number];
  /** The longest that was learnt. */
  readonly horizonDays: number;
}

/** Farther than that nothing is corrected, whatever a few customers say. */
const largestExponent = 0.5;
/** Share of the base at either end that is corrected as the rest's ends are, as features are winsorised. */
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
 * A model of a short history has seen few windows: that in these the customers were farther apart than their prior had it,
 * by chance or for a season, it takes for the rule. The held-out customers say how far apart expected values should be, but
 * are few: they are believed as far as it is not chance, and between the model's own spread and the prior's.
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

/** What it moves the held-out customers by, as natural logs, where all of them together keep what is expected. */
export function spreadOfHeldOut(heldOut: HeldOut): readonly number[] {
  const daily = heldOut.prior.map((expected) => expected / heldOut.horizonDays);
  const correction = spreadCorrection(heldOut, daily);
  return daily.map((expected) => (correction ? spreadShift(correction, expected) : 0));
}

/** Added to the prior's log value. @param expected by the prior a day, as in `SpreadCorrection` */
export function spreadShift({ exponent, pivot, range }: SpreadCorrection, expected: number): number {
  return -exponent * Math.log(clamp(expected, ...range) / pivot);
}

/** Of a model whose expected values go with the prior's to the power of `onPrior`. */
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
