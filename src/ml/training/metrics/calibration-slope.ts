import { clamp, sum } from '../../../math.js';

const varianceExponent = 1.5;
/** Expected values are at least this share of their mean, lest a single purchase count as much as thousands. */
const smallestShare = 0.01;
const mostSteps = 50;

interface CalibrationSlope {
  readonly slope: number;
  /** Of the slope, robust to the variance of the amounts (the sandwich estimator of Huber 1967). */
  readonly standardError: number;
}

/**
 * The calibration slope b of actual ≈ c · expectedᵇ (Cox 1958, "Two further applications of a model for binary regression", here for
 * amounts): 1 where expected values are as far apart as actual ones, less where they are too far apart. Fitted as a Tweedie regression of
 * variance μ^1.5, which allows for zeros and large amounts, by Fisher scoring (McCullagh & Nelder 1989, "Generalized Linear Models",
 * sections 2.5 and 9.2).
 *
 * @param actual amounts; negative ones count as 0
 * @param expected amounts above 0
 * @returns null where nothing was spent, the expected values hardly differ, or no slope was found
 */
export function calibrationSlope(actual: ArrayLike<number>, expected: ArrayLike<number>): CalibrationSlope | null {
  const logs = centredLogs(expected);
  const y = Array.from(actual, (amount) => Math.max(amount, 0));
  let intercept = Math.log(sum(y) / sum(logs.map(Math.exp)));
  let slope = 1;
  for (let step = 0; step < mostSteps; step++) {
    const { ofLevel, ofSlope, standardError } = fisherStep(y, logs, { intercept, slope });
    if (!Number.isFinite(ofLevel + ofSlope + standardError)) return null;
    intercept += ofLevel;
    slope += ofSlope;
    if (Math.abs(ofLevel) + Math.abs(ofSlope) < 1e-9) return { slope, standardError };
  }
  return null;
}

/** Logs less their mean, so that level and slope are nearly uncorrelated. */
function centredLogs(expected: ArrayLike<number>): number[] {
  const values = Array.from(expected);
  const least = (smallestShare * sum(values)) / values.length;
  const logs = values.map((value) => Math.log(Math.max(value, least)));
  const mean = sum(logs) / logs.length;
  return logs.map((log) => log - mean);
}

interface CalibrationStep {
  readonly ofLevel: number;
  readonly ofSlope: number;
  readonly standardError: number;
}

/** A step of Fisher scoring, at most 1 in level and in slope; not finite where these two cannot be told apart. */
function fisherStep(
  y: readonly number[],
  logs: readonly number[],
  { intercept, slope }: { readonly intercept: number; readonly slope: number },
): CalibrationStep {
  let [levelScore, slopeScore, levels, mixed, slopes] = [0, 0, 0, 0, 0];
  let [levelSquares, mixedSquares, slopeSquares] = [0, 0, 0];
  for (const [i, x] of logs.entries()) {
    const mean = Math.exp(intercept + slope * x);
    const score = (y[i]! - mean) * mean ** (1 - varianceExponent);
    const weight = mean ** (2 - varianceExponent);
    levelScore += score;
    slopeScore += score * x;
    levelSquares += score ** 2;
    mixedSquares += score ** 2 * x;
    slopeSquares += score ** 2 * x ** 2;
    levels += weight;
    mixed += weight * x;
    slopes += weight * x * x;
  }
  const determinant = levels * slopes - mixed ** 2;
  const inverse = determinant > 1e-9 * levels ** 2 ? 1 / determinant : NaN;
  const within = (change: number) => clamp(change, -1, 1);
  const variance = levels ** 2 * slopeSquares - 2 * levels * mixed * mixedSquares + mixed ** 2 * levelSquares;
  return {
    ofLevel: within((slopes * levelScore - mixed * slopeScore) * inverse),
    ofSlope: within((levels * slopeScore - mixed * levelScore) * inverse),
    standardError: Math.sqrt(variance) * inverse,
  };
}
