import { dayMs, wholeYearDays } from '../../days.js';
import { clamp, quantile } from '../../math.js';
import type { EventTracking } from './event-tracking.js';
import type { FeatureDefinition, FeatureRow, FeatureTransform } from './feature-row.js';
import { isDaily } from './months-missed.js';

/** How one feature becomes a standardised number. Bounds and moments are of transformed values. Plain JSON. */
interface ScaledFeature {
  readonly name: string;
  readonly transform: FeatureTransform;
  /** Winsorising bounds: the 0.5 and 99.5 % quantiles of the training rows. */
  readonly lower: number;
  readonly upper: number;
  /** Stands in for a missing value. */
  readonly median: number;
  readonly mean: number;
  readonly std: number;
  /** Whether it becomes a token: it varies, and training can learn what it means. */
  readonly used: boolean;
  /** Whether a token says that the value is missing. */
  readonly missingToken: boolean;
}

/** Fitted on training rows only. Plain JSON. */
export interface Scaler {
  readonly features: readonly ScaledFeature[];
  /** Whether the training rows' as-of dates go far enough back to tell the coming season from the passing of time. */
  readonly seasons: boolean;
  /** Whether the effects of attributes are tokens; absent where no attributes are read. */
  readonly covariates?: true;
  /** Absent where all events were recorded as long as training rows look back. */
  readonly tracking?: EventTracking;
  /** Whether customers are billed by months (`readBillingDays`): the months missed are a token, and daily features are none. */
  readonly billedByMonth?: true;
}

const lowerQuantile = 0.005;
const upperQuantile = 0.995;
/** As-of dates this far apart cover all seasons. */
const yearOfWindowsDays = 330;
/** These cover the coming season, too, a year ago. With a year of history before them, they differ by season, not by a short history. */
const seasonOfWindowsDays = 295;
/** Larger than any amount; its square is still far from overflowing. */
const largest = 1e15;
/** In standard deviations. Those of rare features are small: without a bound, one ticket could be 30 of them. */
const maxStandardised = 5;

/**
 * @param rows training rows; their features in the order of `definitions`
 * @param historyBegins when history begins: `CustomerCounts.historyBegins`
 * @param billedByMonth see `Scaler`
 * @throws RangeError without rows
 */
export function fitScaler(
  rows: readonly Pick<FeatureRow, 'asOf' | 'features'>[],
  definitions: readonly FeatureDefinition[],
  historyBegins: Date,
  billedByMonth = false,
): Scaler {
  if (rows.length === 0) throw new RangeError('A scaler needs at least one training row.');
  const seasons = knowsSeason(rows, historyBegins);
  const isLearnable = (definition: FeatureDefinition) =>
    (seasons || !dependsOnDateAlone(definition)) && !(billedByMonth && isDaily(definition.name));
  return {
    seasons,
    ...(billedByMonth && { billedByMonth }),
    features: definitions.map((definition, index) => {
      const values = rows.map(({ features }) => features[index] ?? null);
      return fitFeature(definition, values, isLearnable(definition));
    }),
  };
}

/** Whether a feature depends on the date alone: until windows cover the coming season, it only tells windows apart. */
export function dependsOnDateAlone({ name }: Pick<FeatureDefinition, 'name'>): boolean {
  return name === 'season_sin' || name === 'season_cos';
}

function knowsSeason(rows: readonly Pick<FeatureRow, 'asOf'>[], historyBegins: Date): boolean {
  let first = Infinity;
  let last = -Infinity;
  for (const { asOf } of rows) {
    first = Math.min(first, asOf.getTime());
    last = Math.max(last, asOf.getTime());
  }
  const before = (first - historyBegins.getTime()) / dayMs;
  return (last - first) / dayMs >= (before >= wholeYearDays ? seasonOfWindowsDays : yearOfWindowsDays);
}

function fitFeature(
  definition: FeatureDefinition,
  values: readonly (number | null)[],
  learnable: boolean,
): ScaledFeature {
  const { name, transform } = definition;
  const known = Float64Array.from(
    values.flatMap((value) => (isMissing(value) ? [] : [transformed(value, transform)])),
  ).sort();
  const [lower, upper] = bounds(known);
  const median = clamp(quantile(known, 0.5), lower, upper);
  let sum = median * (values.length - known.length);
  for (const value of known) sum += clamp(value, lower, upper);
  const mean = sum / values.length;
  let squares = (median - mean) ** 2 * (values.length - known.length);
  for (const value of known) squares += (clamp(value, lower, upper) - mean) ** 2;
  const std = Math.sqrt(squares / values.length);
  const varies = std > 1e-9 * Math.max(1, Math.abs(mean));
  const missing = values.length - known.length;
  return {
    name,
    transform,
    lower,
    upper,
    median,
    mean,
    std: varies ? std : 1,
    used: varies && learnable,
    missingToken: definition.missingToken && missing > 0 && known.length > 0,
  };
}

/** Winsorising bounds. A feature that is nearly always the same keeps its whole range: its rare values are the signal. */
function bounds(sorted: Float64Array): [number, number] {
  const lower = quantile(sorted, lowerQuantile);
  const upper = quantile(sorted, upperQuantile);
  return lower < upper ? [lower, upper] : [quantile(sorted, 0), quantile(sorted, 1)];
}

/** @returns in standard deviations from the training mean, within ±5; finite for any input */
export function standardise(value: number | null, feature: ScaledFeature): number {
  const { transform, lower, upper, median, mean, std } = feature;
  const ordinary = isMissing(value) ? median : clamp(transformed(value, transform), lower, upper);
  return clamp((ordinary - mean) / std, -maxStandardised, maxStandardised);
}

/** Whether standardising moves the value to a winsorising bound. */
export function isOutlier(value: number | null, feature: ScaledFeature): boolean {
  if (isMissing(value)) return false;
  const ordinary = transformed(value, feature.transform);
  return ordinary < feature.lower || ordinary > feature.upper;
}

export function isMissing(value: number | null | undefined): value is null | undefined {
  return value === null || value === undefined || Number.isNaN(value);
}

function transformed(value: number, transform: FeatureTransform): number {
  const finite = clamp(value, -largest, largest);
  switch (transform) {
    case 'identity':
      return finite;
    case 'log1p':
      return Math.log1p(Math.max(finite, 0));
    case 'signedLog1p':
      return Math.sign(finite) * Math.log1p(Math.abs(finite));
  }
}
