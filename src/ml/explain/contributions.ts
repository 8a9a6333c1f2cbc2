import { logit, sum } from '../../math.js';
import type { FeatureGroup } from '../features/feature-group.js';
import type { NumericToken } from '../features/model-input.js';
import type { BtydPrior } from '../features/prior/fit-prior.js';
import { predictPrior } from '../features/prior/predict-prior.js';
import type { RfmSummary } from '../features/prior/rfm-summary.js';
import { type InputShares, type PriorInput, shapleyOverInputs } from '../features/prior/shapley.js';
import { type Example, tokenGroupNames } from '../scoring/example.js';
import type { Attribution } from './attribution.js';

/** What each input of the prior is about. */
export const groupOfInput: Record<PriorInput, FeatureGroup> = {
  frequency: 'frequency',
  recency: 'recency',
  age: 'tenure',
  monetary: 'spend',
  firstValue: 'spend',
};

export interface PriorComparison {
  readonly prior: BtydPrior;
  /** The prior as moved by the customer's attributes; `prior` itself where they do not move it. */
  readonly own: BtydPrior;
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
  const { horizonDays, asOf, valueShift } = comparison;
  addPriorShares(add, ofLogit, comparison, (rfm, prior) =>
    logit(predictPrior(prior, rfm, horizonDays, asOf).purchaseProbability),
  );
  addPriorShares(
    add,
    ofLogValue,
    comparison,
    (rfm, prior) => Math.log(predictPrior(prior, rfm, horizonDays, asOf).valueGivenPurchase) + valueShift(rfm),
  );
  return amounts;
}

type OfHistory = (rfm: RfmSummary, prior: BtydPrior) => number;

/**
 * Splits the difference of a function of purchase history and prior between a customer and the typical one exactly into shares of groups.
 * The attributes' share is what they change for this customer's history.
 */
export function sharesByGroup(
  output: OfHistory,
  { typical, customer, prior, own }: Pick<PriorComparison, 'typical' | 'customer' | 'prior' | 'own'>,
): Map<FeatureGroup, number> {
  const amounts = new Map<FeatureGroup, number>();
  for (const [input, share] of entriesOf(shapleyOverInputs((rfm) => output(rfm, prior), typical, customer))) {
    amounts.set(groupOfInput[input], (amounts.get(groupOfInput[input]) ?? 0) + share);
  }
  if (own !== prior) amounts.set('covariates', output(customer, own) - output(customer, prior));
  return amounts;
}

/** The prior is a formula of five inputs and the attributes: its attribution is split in proportion to their exact shares. */
function addPriorShares(
  add: (group: FeatureGroup, amount: number) => void,
  amount: number,
  comparison: PriorComparison,
  output: OfHistory,
): void {
  const shares = sharesByGroup(output, comparison);
  const total = sum([...shares.values()]);
  // Without a difference there is no gradient times difference either.
  if (Math.abs(total) < 1e-12) return;
  for (const [group, share] of shares) add(group, (amount * share) / total);
}

function entriesOf(shares: InputShares): [PriorInput, number][] {
  return Object.entries(shares) as [PriorInput, number][];
}
