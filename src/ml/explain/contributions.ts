import { logit } from '../../math.js';
import type { FeatureGroup } from '../features/feature-group.js';
import type { NumericToken } from '../features/model-input.js';
import type { BtydPrior } from '../features/prior/fit-prior.js';
import { predictPrior } from '../features/prior/predict-prior.js';
import type { RfmSummary } from '../features/prior/rfm-summary.js';
import { type InputShares, shapleyOverInputs } from '../features/prior/shapley.js';
import { type Example, tokenGroupNames } from '../scoring/example.js';
import type { Attribution } from './integrated-gradients.js';

/** What each input of the prior is about. */
export const groupOfInput: Record<keyof RfmSummary, FeatureGroup> = {
  frequency: 'frequency',
  recency: 'recency',
  age: 'tenure',
  monetary: 'spend',
  firstValue: 'spend',
};

export interface PriorComparison {
  readonly prior: BtydPrior;
  readonly typical: RfmSummary;
  readonly customer: RfmSummary;
  readonly horizonDays: number;
  readonly asOf: Date;
  /** What is added to the prior's log value for a customer with these purchases. */
  readonly valueShift: (rfm: RfmSummary) => number;
}

/** Sums attributions into the groups that CRM users know. Units as the attributions'. */
export function amountsByGroup(
  attribution: Attribution,
  example: Example,
  numericTokens: readonly NumericToken[],
  comparison: PriorComparison,
): Map<FeatureGroup, number> {
  const amounts = new Map<FeatureGroup, number>();
  const add = (group: FeatureGroup, amount: number) => amounts.set(group, (amounts.get(group) ?? 0) + amount);
  for (const [position, amount] of attribution.tokens.entries()) {
    const group = tokenGroupNames[example.tokenGroups[position]!];
    if (group) add(group, amount);
  }
  for (const [i, amount] of attribution.features.entries()) add(numericTokens[i]!.group, amount);
  const [ofLogit, ofLogValue] = attribution.prior;
  const { prior, horizonDays, asOf, valueShift } = comparison;
  addPriorShares(add, ofLogit, comparison, (rfm) =>
    logit(predictPrior(prior, rfm, horizonDays, asOf).purchaseProbability),
  );
  addPriorShares(
    add,
    ofLogValue,
    comparison,
    (rfm) => Math.log(predictPrior(prior, rfm, horizonDays, asOf).valueGivenPurchase) + valueShift(rfm),
  );
  return amounts;
}

/** Splits what a function of the purchase history says of a customer, less what it says of the typical one: exactly. */
export function sharesByGroup(
  output: (rfm: RfmSummary) => number,
  { typical, customer }: Pick<PriorComparison, 'typical' | 'customer'>,
): Map<FeatureGroup, number> {
  const amounts = new Map<FeatureGroup, number>();
  for (const [input, share] of entriesOf(shapleyOverInputs(output, typical, customer))) {
    amounts.set(groupOfInput[input], (amounts.get(groupOfInput[input]) ?? 0) + share);
  }
  return amounts;
}

/** The prior is a formula of five inputs: its share is split exactly among them, in proportion to Shapley values. */
function addPriorShares(
  add: (group: FeatureGroup, amount: number) => void,
  amount: number,
  { typical, customer }: PriorComparison,
  output: (rfm: RfmSummary) => number,
): void {
  const shares = shapleyOverInputs(output, typical, customer);
  const total = entriesOf(shares).reduce((sum, [, share]) => sum + share, 0);
  // Without a difference there is no gradient times difference either.
  if (Math.abs(total) < 1e-12) return;
  for (const [input, share] of entriesOf(shares)) add(groupOfInput[input], (amount * share) / total);
}

function entriesOf(shares: InputShares): [keyof RfmSummary, number][] {
  return Object.entries(shares) as [keyof RfmSummary, number][];
}
