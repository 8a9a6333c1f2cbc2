import { clamp, logit } from '../../math.js';
import { rfmOf } from './rfm.js';
import { knownFeatures } from './event-tracking.js';
import { featureDefinitions } from './feature-definitions.js';
import type { FeatureDefinition, FeatureRow, ModelInput } from './feature-row.js';
import { monthsMissed } from './months-missed.js';
import { effectOf, ownPrior } from './prior/covariates/covariate-effects.js';
import type { BtydPrior } from './prior/fit-prior.js';
import { predictPrior, type PriorPrediction } from './prior/predict-prior.js';
import { dependsOnDateAlone, isMissing, standardise, type Scaler } from './scaler.js';
import { meanSeason } from './season.js';

/** A number that the model reads as a token of its own. */
export type NumericToken = Pick<FeatureDefinition, 'name' | 'label' | 'group'>;

const horizonToken: NumericToken = {
  name: 'horizon_log_days',
  label: 'Length of the horizon',
  group: 'horizon',
};
const seasonTokens: readonly NumericToken[] = ['target_season_sin', 'target_season_cos'].map((name) => ({
  name,
  label: 'Time of year ahead',
  group: 'season',
}));
/** Natural logs of the factors of the customer's attributes. */
const covariateTokens: readonly NumericToken[] = [
  { name: 'covariate_pace', label: 'How often such customers buy', group: 'covariates' },
  {
    name: 'covariate_price',
    label: 'How much such customers spend',
    group: 'covariates',
  },
];
const missedToken: NumericToken = { name: 'months_missed', label: 'Months missed', group: 'recency' };
/** What the buy-till-you-die prior makes of recency, frequency and tenure. */
const priorTokens: readonly NumericToken[] = [
  {
    name: 'prior_expected_orders',
    label: 'Purchases to expect from the rhythm so far',
    group: 'frequency',
  },
  {
    name: 'prior_purchase_logit',
    label: 'A purchase at all to expect from the rhythm so far',
    group: 'frequency',
  },
  {
    name: 'prior_alive',
    label: 'Still a customer, from the rhythm so far',
    group: 'recency',
  },
];

/** The numeric tokens of a model trained with this scaler: those that vary and can have been learnt. */
export function numericTokens(scaler: Scaler): NumericToken[] {
  const definitions = new Map(featureDefinitions.map((definition) => [definition.name, definition]));
  const tokens = scaler.features.flatMap(({ name, used, missingToken }) => {
    const { label, group } = definitions.get(name)!;
    return [
      ...(used ? [{ name, label, group }] : []),
      ...(missingToken ? [{ name: `${name}_missing`, label: `${label}: unknown`, group }] : []),
    ];
  });
  return [
    ...tokens,
    ...(scaler.covariates ? covariateTokens : []),
    ...(scaler.billedByMonth ? [missedToken] : []),
    horizonToken,
    ...(scaler.seasons ? seasonTokens : []),
    ...priorTokens,
  ];
}

export function numericTokenNames(scaler: Scaler): string[] {
  return numericTokens(scaler).map(({ name }) => name);
}

/** Whether the token depends on date and horizon only, and so is the same for all customers. */
export function isSameForAll(token: NumericToken): boolean {
  return token === horizonToken || seasonTokens.includes(token) || dependsOnDateAlone(token);
}

interface ModelInputParts {
  readonly row: FeatureRow;
  readonly horizonDays: number;
  readonly scaler: Scaler;
  /** Fitted as of the row's date or before. */
  readonly prior: BtydPrior;
}

/** The model's input from features, in training, scoring and a query for one customer alike. */
export function buildModelInput({ row, horizonDays, scaler, prior }: ModelInputParts): ModelInput {
  const rfm = rfmOf(row.features);
  const predicted = predictPrior(prior, rfm, horizonDays, row.asOf);
  const own = ownPrior(prior, row.narrative);
  const moved = own === prior ? predicted : predictPrior(own, rfm, horizonDays, row.asOf);
  const features = scaler.tracking ? knownFeatures(row.features, row.asOf, scaler.tracking) : row.features;
  const numeric: number[] = [];
  scaler.features.forEach((feature, index) => {
    const value = features[index] ?? null;
    if (feature.used) numeric.push(standardise(value, feature));
    if (feature.missingToken) numeric.push(isMissing(value) ? 1 : 0);
  });
  if (scaler.covariates) {
    const { pace, price } = effectOf(prior.covariates, row.narrative);
    numeric.push(pace, price);
  }
  if (scaler.billedByMonth) numeric.push(Math.log2(1 + monthsMissed(row)) - 1);
  numeric.push(Math.log(horizonDays / 180));
  if (scaler.seasons) numeric.push(...meanSeason(row.asOf, horizonDays));
  numeric.push(...priorTokenValues(predicted).values());
  return { numeric: Float32Array.from(numeric), narrative: row.narrative, prior: priorInput(moved) };
}

/**
 * Values by name of the token, in their order. Constants bring usual values to about -2 to 2; the 0.05 bounds the logarithm from below.
 */
export function priorTokenValues(predicted: PriorPrediction): ReadonlyMap<string, number> {
  const { expectedPurchases, purchaseProbability: p, aliveProbability } = predicted;
  const values = [(Math.log(0.05 + expectedPurchases) + 1) / 1.5, clamp(logit(p) / 2, -5, 5), 2 * aliveProbability - 1];
  return new Map(priorTokens.map(({ name }, i) => [name, values[i]!]));
}

function priorInput({ purchaseProbability: p, valueGivenPurchase }: PriorPrediction): [number, number] {
  return [logit(p), Math.log(Math.max(valueGivenPurchase, 1e-6))];
}
