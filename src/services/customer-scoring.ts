import { createHash } from 'node:crypto';
import { buildModelInput } from '../ml/features/model-input.js';
import type { FeatureRow, ModelInput } from '../ml/features/feature-row.js';
import { rfmOf } from '../ml/features/rfm.js';
import { predictPrior } from '../ml/features/prior/predict-prior.js';
import { sigmoid } from '../math.js';
import { type Example, toExample } from '../ml/scoring/example.js';
import { priorPrediction, type ServedPrediction, toServedPrediction } from '../ml/scoring/served-prediction.js';
import { levelShift } from './level-correction.js';
import type { LoadedModel } from './loaded-model.js';

/** One customer, scored. Money in currency. */
export interface ScoredCustomer extends ServedPrediction {
  readonly customerId: string;
  readonly basis: 'MODEL' | 'PRIOR';
  readonly basisReason: string | null;
  /** Expected number of purchase days in the horizon. */
  readonly expectedOrders: number;
  /** Of everything that the model read. */
  readonly featureHash: string;
}

export interface ScoringOptions {
  readonly horizonDays: number;
  readonly signal?: AbortSignal;
}

/** Scores customers in one go: the same path for a whole base, a page and a single customer. */
export async function scoreCustomers(
  model: LoadedModel,
  rows: readonly FeatureRow[],
  { horizonDays, signal }: ScoringOptions,
): Promise<ScoredCustomer[]> {
  const inputs = rows.map((row) => modelInputOf(model, row, horizonDays));
  const examples = inputs.map((input) => exampleOf(model, input));
  const { priorOnly, scale } = model.bundle;
  const served = priorOnly
    ? examples.map((example) => priorPrediction(example, scale))
    : (await model.predictor.predict(examples, signal ? { signal } : {})).map((raw, i) =>
        toServedPrediction(model.spec, raw, examples[i]!, scale),
      );
  return rows.map((row, i) => ({
    ...served[i]!,
    customerId: row.customerId,
    basis: priorOnly ? 'PRIOR' : 'MODEL',
    basisReason: priorOnly,
    expectedOrders: expectedOrders(model, row, horizonDays, served[i]!),
    featureHash: hashOf(inputs[i]!, horizonDays),
  }));
}

export function modelInputOf(model: LoadedModel, row: FeatureRow, horizonDays: number): ModelInput {
  const { scaler, prior, level } = model.bundle;
  const input = buildModelInput({ row, horizonDays, scaler, prior });
  const [logit, logValue] = input.prior;
  return { ...input, prior: [logit, logValue + levelShift(level, horizonDays)] };
}

export function exampleOf(model: LoadedModel, input: ModelInput): Example {
  const { maxTokens, scale } = model.bundle;
  return toExample(input, model.tokenizer, { maxTokens, valueScale: scale.valueScale });
}

/** The prior's expected purchases, moved in proportion to the hazard -ln(1 - p) that the model sees instead. */
function expectedOrders(model: LoadedModel, row: FeatureRow, horizonDays: number, served: ServedPrediction): number {
  const prior = predictPrior(model.bundle.prior, rfmOf(row.features), horizonDays);
  const hazard = (probability: number) => -Math.log1p(-probability);
  return prior.expectedPurchases * (hazard(sigmoid(served.logit)) / hazard(prior.purchaseProbability));
}

function hashOf(input: ModelInput, horizonDays: number): string {
  const hash = createHash('sha256');
  hash.update(input.numeric);
  hash.update(JSON.stringify([horizonDays, input.prior, input.narrative]));
  return hash.digest('base64url').slice(0, 22);
}
