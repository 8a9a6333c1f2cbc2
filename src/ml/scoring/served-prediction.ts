import { clamp, logit, sigmoid } from '../../math.js';
import type { ModelSpec } from '../model/spec.js';
import { type ZilnParameters, zilnMean } from '../model/ziln-distribution.js';
import type { Example } from './example.js';
import type { RawPrediction } from './predictor.js';

/** How a model's outputs become money. Fitted with the model, stored with it. */
export interface ServingScale {
  /** Currency units that the model counts as 1. */
  readonly valueScale: number;
  /** σ of ln(actual / predicted) among buyers: the spread where the objective gives none (MSE, CLASSIFICATION). */
  readonly residualSigma: number;
  /** No expected value goes beyond this, see `largestCredibleValue`. In currency. */
  readonly largestValue: number;
}

/** Distribution of the net spend in the horizon, in currency. */
export interface ServedPrediction extends ZilnParameters {
  readonly expectedValue: number;
}

/** Probabilities are kept inside this margin so that their logits stay finite. */
const margin = 1e-6;

/** The served distribution of one customer, for any objective. */
export function toServedPrediction(
  spec: ModelSpec,
  raw: RawPrediction,
  example: Example,
  scale: ServingScale,
): ServedPrediction {
  const parameters = toZiln(spec, raw, example, scale.residualSigma);
  const inCurrency = { ...parameters, mu: parameters.mu + Math.log(scale.valueScale) };
  return bounded(inCurrency, scale.largestValue);
}

/** No prediction is larger than this multiple of what any customer ever spent. */
const headroom = 3;

/**
 * The bound on expected values, in currency.
 * @param largestSpend the most that any customer has spent, within at most `observedDays`
 */
export function largestCredibleValue(largestSpend: number, horizonDays: number, observedDays: number): number {
  const spend = largestSpend > 0 ? largestSpend : 1;
  return headroom * spend * Math.max(horizonDays / Math.max(observedDays, 1), 1);
}

/** The prior's own prediction in the same form. */
export function priorPrediction({ prior }: Pick<Example, 'prior'>, scale: ServingScale): ServedPrediction {
  const [priorLogit, logValue] = prior;
  const mu = logValue + Math.log(scale.valueScale) - scale.residualSigma ** 2 / 2;
  return bounded({ logit: priorLogit, mu, sigma: scale.residualSigma }, scale.largestValue);
}

/** Natural log of what the prior expects, in the unit of its value. */
export function logExpected([priorLogit, logValue]: Example['prior']): number {
  return logValue + Math.log(sigmoid(priorLogit));
}

/** The same prediction over another horizon: the odds of a purchase and the expected value change as the prior's do. */
export function carried(
  served: ServedPrediction,
  { from, to }: { readonly from: Example['prior']; readonly to: Example['prior'] },
  { largestValue }: Pick<ServingScale, 'largestValue'>,
): ServedPrediction {
  const odds = served.logit + to[0] - from[0];
  const log = Math.log(served.expectedValue) + logExpected(to) - logExpected(from);
  const { sigma } = served;
  return bounded({ logit: odds, mu: log - Math.log(sigmoid(odds)) - sigma ** 2 / 2, sigma }, largestValue);
}

/** P(at least one purchase) where there are e^log times as many purchases, at a constant rate: 1 - (1 - P)^(e^log). */
export function moreOften(probability: number, log: number): number {
  return -Math.expm1(Math.log1p(-probability) * Math.exp(log));
}

/**
 * The same expected value, made of e^log times as many purchases of less value each. Corrections of a forecast's level change the value of
 * purchases; this turns such a change into one of their number.
 */
export function withPurchases(served: ServedPrediction, log: number): ServedPrediction {
  return log === 0 ? served : withProbability(served, moreOften(sigmoid(served.logit), log));
}

/** The same expected value with a probability of a purchase of at least `probability`. */
export function atLeast(served: ServedPrediction, probability: number): ServedPrediction {
  return sigmoid(served.logit) < probability ? withProbability(served, probability) : served;
}

/** Limited to another prediction's expected value and probability of a purchase. */
export function atMost(served: ServedPrediction, most: ServedPrediction): ServedPrediction {
  const probable = served.logit > most.logit ? withProbability(served, sigmoid(most.logit)) : served;
  return served.expectedValue > most.expectedValue ? bounded(probable, most.expectedValue) : probable;
}

function withProbability(served: ServedPrediction, probability: number): ServedPrediction {
  const odds = logit(clamp(probability, margin, 1 - margin));
  return { ...served, logit: odds, mu: served.mu + Math.log(sigmoid(served.logit) / sigmoid(odds)) };
}

/** e^log times the expected value, by e^log times as many purchases. */
export function raised(
  { logit: odds, mu, sigma }: ZilnParameters,
  log: number,
  { largestValue }: Pick<ServingScale, 'largestValue'>,
): ServedPrediction {
  return withPurchases(bounded({ logit: odds, mu: mu + log, sigma }, largestValue), log);
}

function toZiln(spec: ModelSpec, raw: RawPrediction, example: Example, sigma: number): ZilnParameters {
  if (spec.objective === 'ZILN') {
    const { output } = raw;
    return { logit: output[0]!, mu: output[1]!, sigma: output[2]! };
  }
  const probability = spec.objective === 'MSE' ? sigmoid(example.prior[0]) : 1 - firstClassShare(raw.output);
  const p = clamp(probability, margin, 1 - margin);
  const value = Math.max(raw.expectedValue, margin);
  return { logit: logit(p), mu: Math.log(value / p) - sigma ** 2 / 2, sigma };
}

/** Softmax of class 0, "buys nothing". */
function firstClassShare(logits: Float32Array): number {
  const largest = Math.max(...logits);
  const total = logits.reduce((sum, value) => sum + Math.exp(value - largest), 0);
  return Math.exp(logits[0]! - largest) / total;
}

/** Lowers the location where the mean would exceed the bound: a lognormal's mean grows very fast with σ. */
function bounded(parameters: ZilnParameters, largestValue: number): ServedPrediction {
  const excess = Math.log(zilnMean(parameters) / largestValue);
  const mu = excess > 0 ? parameters.mu - excess : parameters.mu;
  return { ...parameters, mu, expectedValue: zilnMean({ ...parameters, mu }) };
}
