import type { NarrativeSpan } from '../../feature-group.js';
import type { PurchaseParameters } from '../purchases/purchase-model.js';
import { dearer, type OrderValueParameters } from '../order-values/order-values.js';

/** Natural logs of what a value of an attribute multiplies: how often its customers buy, and how much they spend an order. */
export interface CovariateEffect {
  readonly pace: number;
  readonly price: number;
  /** The rate at which they leave; absent where customers leave after purchases. */
  readonly leaving?: number;
}

/**
 * Effects by attribute and value, the latter as the narrative tells it. Under `withoutValue` is the effect of having no value. Plain
 * JSON.
 */
export type CovariateEffects = Readonly<Record<string, Readonly<Record<string, CovariateEffect>>>>;

export const withoutValue = '';

/** The narrative's words for an attribute. */
export function valueOf(narrative: readonly NarrativeSpan[], attribute: string): string {
  return narrative.find((span) => span.attribute === attribute)?.text ?? withoutValue;
}

/** The sum over all attributes; values that were too rare to learn add 0. */
export function effectOf(
  effects: CovariateEffects | undefined,
  narrative: readonly NarrativeSpan[],
): Required<CovariateEffect> {
  const sum = { pace: 0, price: 0, leaving: 0 };
  for (const [attribute, byValue] of Object.entries(effects ?? {})) {
    const effect = byValue[valueOf(narrative, attribute)];
    sum.pace += effect?.pace ?? 0;
    sum.price += effect?.price ?? 0;
    sum.leaving += effect?.leaving ?? 0;
  }
  return sum;
}

type Moved = PurchaseParameters & OrderValueParameters & { readonly covariates?: CovariateEffects };

/**
 * The prior of a customer with these attributes (time-invariant covariates, Fader & Hardie 2007): rates of purchase are Gamma(r,
 * alpha / e^pace), rates of leaving with time Gamma(a, b / e^leaving), and order values e^price times as large.
 * @returns the prior itself where the attributes change nothing
 */
export function ownPrior<Prior extends Moved>(prior: Prior, narrative: readonly NarrativeSpan[]): Prior {
  const { pace, price, leaving } = effectOf(prior.covariates, narrative);
  if (pace === 0 && price === 0 && leaving === 0) return prior;
  const { alpha, b, leavesWithTime } = prior;
  const moved = { ...prior, alpha: alpha * Math.exp(-pace), ...(leavesWithTime && { b: b * Math.exp(-leaving) }) };
  return dearer(moved, price);
}
