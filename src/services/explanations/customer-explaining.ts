import { amountsByGroup, type PriorComparison, sharesByGroup } from '../../ml/explain/contributions.js';
import { type ExplanationContent, toExplanation, type TokenHighlight } from '../../ml/explain/explanation.js';
import type { Attribution, AttributionRequest } from '../../ml/explain/attribution.js';
import { describeGroup } from '../../ml/explain/wording.js';
import type { FeatureGroup } from '../../ml/features/feature-group.js';
import type { FeatureRow } from '../../ml/features/feature-row.js';
import { isSameForAll, numericTokens, priorTokenValues } from '../../ml/features/model-input.js';
import { ownPrior } from '../../ml/features/prior/covariates/covariate-effects.js';
import type { BtydPrior } from '../../ml/features/prior/fit-prior.js';
import { predictPrior } from '../../ml/features/prior/predict-prior.js';
import type { RfmSummary } from '../../ml/features/prior/rfm-summary.js';
import { rfmOf } from '../../ml/features/rfm.js';
import { cents, logit } from '../../math.js';
import { anchored, type Example, tokenGroupNames } from '../../ml/scoring/example.js';
import { logExpected, type ServedPrediction } from '../../ml/scoring/served-prediction.js';
import { askedHorizonDays } from '../predictions/asked-horizon.js';
import { carriedAmounts, type Carrying, meanFactor, notCarried } from './carried-explanation.js';
import { exampleOf, learntAnswers, modelInputOf, valueShift } from '../scoring/customer-scoring.js';
import { asOverLonger, scaled, withinBounds } from './held-back.js';
import type { LoadedModel } from '../models/loaded-model.js';
import { type PriorModel, usesNetwork } from '../predictions/prior-models.js';
import type { StoredPrediction } from '../predictions/prediction-store.js';

export interface ExplainedCustomer {
  readonly row: FeatureRow;
  readonly prediction: StoredPrediction;
}

/** Explains predictions of one model and horizon, in the order given. */
export async function explainCustomers(
  model: LoadedModel | PriorModel,
  customers: readonly ExplainedCustomer[],
  horizonDays: number,
): Promise<ExplanationContent[]> {
  if (!usesNetwork(model)) return customers.map((customer) => explainPrior(model, customer, horizonDays));
  const asked = askedHorizonDays(model, horizonDays);
  const examples = customers.map(({ row }) => exampleOf(model, modelInputOf(model, row, asked)));
  const requests = examples.map((example, i) => attributionRequest(model, example, asked, customers[i]!.row.asOf));
  const attributions = await model.attributor().attribute(requests);
  const rows = customers.map(({ row }) => row);
  const longer = await learntAnswers(model, rows, { horizonDays });
  const explained = customers.map((customer, i) => {
    const horizons = { asked, horizonDays, most: longer?.[i]!.expectedValue };
    return explain(model, customer, examples[i]!, attributions[i]!, horizons);
  });
  if (!longer) return explained;
  const held = customers.filter(({ prediction }, i) => isHeldBelow(prediction, longer[i]!, explained[i]!));
  if (held.length === 0) return explained;
  const reasons = await explainCustomers(model, held, model.bundle.level.horizonDays);
  const overLonger = new Map(held.map((customer, i) => [customer, reasons[i]!]));
  return explained.map((content, i) => {
    const reason = overLonger.get(customers[i]!);
    return reason ? asOverLonger(content, reason) : content;
  });
}

/** Relative difference of a network's predictions for the same input in batches of different sizes. */
const asGoodAsEqual = 1e-4;

/** Whether the value is below the typical customer's, and is bounded by what is expected over a longer horizon. */
function isHeldBelow(
  { expectedValue }: StoredPrediction,
  most: ServedPrediction,
  { predicted, baseline }: ExplanationContent,
): boolean {
  return predicted < baseline && expectedValue >= most.expectedValue * (1 - asGoodAsEqual);
}

/** Compares with the typical customer, over the same horizon and at the same time of year. */
export function attributionRequest(
  model: Pick<LoadedModel, 'bundle'>,
  example: Example,
  horizonDays: number,
  asOf: Date,
): AttributionRequest {
  const { typical, scaler, prior } = model.bundle;
  const tokens = numericTokens(scaler);
  const ofPrior = priorTokenValues(predictPrior(prior, typical.rfm, horizonDays, asOf));
  return {
    example,
    baselineNumeric: example.numeric.map((own, i) => {
      const token = tokens[i]!;
      return isSameForAll(token) ? own : (ofPrior.get(token.name) ?? typical.numeric[i]!);
    }),
    baselinePrior: anchored(priorOf(model, typical.rfm, horizonDays, asOf)),
  };
}

/** The prior's prediction for a customer with these purchases, before `anchored`. */
export function priorOf(
  model: Pick<LoadedModel, 'bundle'>,
  rfm: RfmSummary,
  horizonDays: number,
  asOf: Date,
  prior = model.bundle.prior,
): Example['prior'] {
  const { bundle } = model;
  const { purchaseProbability, valueGivenPurchase } = predictPrior(prior, rfm, horizonDays, asOf);
  return [
    logit(purchaseProbability),
    Math.log(valueGivenPurchase / bundle.scale.valueScale) + valueShift(model, rfm, horizonDays, asOf),
  ];
}

/** A customer's attributions summed by group, in currency, unrounded. */
export function amountsOf(
  model: LoadedModel,
  row: FeatureRow,
  example: Example,
  attribution: Attribution,
  horizonDays: number,
): Map<FeatureGroup, number> {
  const { scale, scaler } = model.bundle;
  const amounts = amountsByGroup(attribution, example, numericTokens(scaler), comparisonOf(model, row, horizonDays));
  return new Map([...amounts].map(([group, amount]) => [group, amount * scale.valueScale]));
}

/** The horizon that the network predicts, and the one that is served. */
interface Horizons {
  readonly asked: number;
  readonly horizonDays: number;
  /** Expected value of the customer over a longer horizon, in currency, if that bounds the served one. */
  readonly most: number | undefined;
}

function explain(
  model: LoadedModel,
  { row, prediction }: ExplainedCustomer,
  example: Example,
  attribution: Attribution,
  horizons: Horizons,
): ExplanationContent {
  const { asked, horizonDays, most } = horizons;
  const { valueScale, largestValue } = model.bundle.scale;
  const carrying = asked === horizonDays ? notCarried : carryingOf(model, row, horizons);
  // The same bounds as of the prediction: over the predicted horizon, then over the served one.
  const answer = withinBounds(
    { own: attribution.value * valueScale, typical: attribution.baselineValue * valueScale },
    largestValue,
  );
  const answered = { own: answer.own, typical: answer.baseline };
  const attributed = scaled(amountsOf(model, row, example, attribution, asked), answer.share);
  const amounts = carriedAmounts(attributed, carrying, answered);
  const { baseline, share } = withinBounds(
    { own: answered.own * carrying.ofOwn, typical: answered.typical * carrying.ofTypical },
    largestValue,
    most,
  );
  return toExplanation({
    predicted: prediction.expectedValue,
    baseline,
    amounts: scaled(amounts, share),
    describe: (group) => describeGroup(group, row),
    tokens: highlights(model, row, attribution, answer.share * meanFactor(carrying) * share),
    narrative: row.narrative,
    completenessError: attribution.completenessError,
    horizonDays,
  });
}

/** Values change with the horizon as the prior's expected values do. */
function carryingOf(model: LoadedModel, row: FeatureRow, { asked, horizonDays }: Horizons): Carrying {
  const expected = (rfm: RfmSummary, prior: BtydPrior, days: number): number =>
    logExpected(priorOf(model, rfm, days, row.asOf, prior));
  const factor = (rfm: RfmSummary, prior: BtydPrior): number =>
    Math.exp(expected(rfm, prior, horizonDays) - expected(rfm, prior, asked));
  const comparison = comparisonOf(model, row, asked);
  const { customer, typical, prior, own } = comparison;
  return { ofOwn: factor(customer, own), ofTypical: factor(typical, prior), shares: sharesByGroup(factor, comparison) };
}

function explainPrior(
  model: Pick<LoadedModel, 'bundle'>,
  { row, prediction }: ExplainedCustomer,
  horizonDays: number,
): ExplanationContent {
  const comparison = comparisonOf(model, row, horizonDays);
  const { prior, own, customer, typical } = comparison;
  // As in predictions: beyond the learnt horizon it is carried on.
  const expected = (rfm: RfmSummary, by: BtydPrior): number =>
    predictPrior(by, rfm, horizonDays, row.asOf).expectedValue *
    Math.exp(valueShift(model, rfm, horizonDays, row.asOf));
  const { baseline, share } = withinBounds(
    { own: expected(customer, own), typical: expected(typical, prior) },
    model.bundle.scale.largestValue,
  );
  return toExplanation({
    predicted: prediction.expectedValue,
    baseline,
    amounts: scaled(sharesByGroup(expected, comparison), share),
    describe: (group) => describeGroup(group, row),
    tokens: [],
    narrative: row.narrative,
    completenessError: 0,
    horizonDays,
  });
}

function comparisonOf(model: Pick<LoadedModel, 'bundle'>, row: FeatureRow, horizonDays: number): PriorComparison {
  const { prior, typical } = model.bundle;
  const { asOf } = row;
  return {
    prior,
    own: ownPrior(prior, row.narrative),
    typical: typical.rfm,
    customer: rfmOf(row.features),
    horizonDays,
    asOf,
    valueShift: (rfm) => valueShift(model, rfm, horizonDays, asOf),
  };
}

/** The narrative's word pieces, in BERT's notation for any vocabulary, with the amount of each in currency. */
export function highlights(
  model: Pick<LoadedModel, 'bundle' | 'tokenizer'>,
  row: Pick<FeatureRow, 'narrative'>,
  attribution: Pick<Attribution, 'tokens'>,
  factor: number,
): TokenHighlight[] {
  const { maxTokens, scale } = model.bundle;
  const { tokens, groups } = model.tokenizer.encodeSpans(row.narrative, maxTokens);
  const read = model.tokenizer.pieceReader();
  return tokens.flatMap((piece, i) => {
    const group = groups[i];
    if (!group || !tokenGroupNames.includes(group)) return [];
    return [{ token: read(piece), group, amount: cents(attribution.tokens[i]! * factor * scale.valueScale) }];
  });
}
