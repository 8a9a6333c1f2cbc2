import { createHash } from 'node:crypto';
import { buildModelInput } from '../../ml/features/model-input.js';
import type { FeatureRow, ModelInput } from '../../ml/features/feature-row.js';
import { rfmOf } from '../../ml/features/rfm.js';
import { ownPrior } from '../../ml/features/prior/covariates/covariate-effects.js';
import { dailyValue } from '../../ml/features/prior/daily-value.js';
import { predictPrior } from '../../ml/features/prior/predict-prior.js';
import { sigmoid } from '../../math.js';
import type { JobHooks } from '../../progress.js';
import { type Example, inUnitsOf, toExample } from '../../ml/scoring/example.js';
import {
  atLeast,
  atMost,
  carried,
  moreOften,
  priorPrediction,
  type ServedPrediction,
  toServedPrediction,
  withPurchases,
} from '../../ml/scoring/served-prediction.js';
import { expectedNextOrderDate, rhythmOf } from '../customers/next-order-date.js';
import { askedHorizonDays } from '../predictions/asked-horizon.js';
import { levelShift, noCorrection } from '../fine-tuning/level-correction.js';
import { spreadShift } from '../fine-tuning/spread-correction.js';
import { carriedOn } from '../../ml/features/prior/carry-on.js';
import type { RfmSummary } from '../../ml/features/prior/rfm-summary.js';
import { slicesOf } from '../../slices.js';
import type { LoadedModel } from '../models/loaded-model.js';
import { type PriorModel, usesNetwork } from '../predictions/prior-models.js';

/** One customer, scored. Money in currency. */
export interface ScoredCustomer extends ServedPrediction {
  readonly customerId: string;
  readonly basis: 'MODEL' | 'PRIOR';
  readonly basisReason: string | null;
  /** Expected number of purchase days in the horizon. */
  readonly expectedOrders: number;
  /** If one comes within the horizon. */
  readonly expectedNextOrderDate: Date;
  /** Hash of everything that the model read, and of what explanations tell. */
  readonly featureHash: string;
  /** Without a model: see `PriorModel`. */
  readonly fit?: string;
}

interface ScoringOptions {
  readonly horizonDays: number;
  readonly signal?: AbortSignal;
}

/** Scores customers in one go: the same path for a whole base, a page and a single customer. */
export async function scoreCustomers(
  model: LoadedModel | PriorModel,
  rows: readonly FeatureRow[],
  options: ScoringOptions,
): Promise<ScoredCustomer[]> {
  const { horizonDays } = options;
  const shifts = rows.map((row) => shiftOf(model, row, horizonDays));
  const inputs = rows.map((row, i) => inputWith(model, row, horizonDays, shifts[i]!));
  const { priorOnly, level, scale } = model.bundle;
  const answers = usesNetwork(model)
    ? await askModel(model, rows, inputs, options)
    : inputs.map((input) => priorPrediction({ prior: inUnitsOf(scale.valueScale, input) }, scale));
  const beyond = shifts.map((shift) => shift - level.calibration);
  const longer = await learntAnswers(model, rows, options);
  const floor = await learntProbabilities(model, rows, beyond, options);
  // The correction of a model's level over its prior's does not apply to the prior's purchases.
  const ofModel = usesNetwork(model) ? levelShift(level, horizonDays) - level.calibration : 0;
  return rows.map((row, i) => {
    const own = atLeast(withPurchases(answers[i]!, beyond[i]!), floor?.[i] ?? 0);
    const served = longer ? atMost(own, longer[i]!) : own;
    const predictedOrders = expectedOrders(model, row, horizonDays, { served, beyond: beyond[i]! - ofModel });
    const purchaseProbability = sigmoid(served.logit);
    const predicted = { asOf: row.asOf, horizonDays, predictedOrders, purchaseProbability };
    return {
      ...served,
      customerId: row.customerId,
      basis: priorOnly ? 'PRIOR' : 'MODEL',
      basisReason: priorOnly,
      expectedOrders: predictedOrders,
      expectedNextOrderDate: expectedNextOrderDate(predicted, rhythmOf(row)),
      featureHash: hashOf(row, inputs[i]!, horizonDays),
      ...(model.version === null && { fit: model.fit }),
    };
  });
}

/** Customers who are scored between two reports of progress. */
const batchSize = 500;

/** `scoreCustomers` in batches. @param phase under which progress is reported */
export async function scoreInBatches(
  model: LoadedModel,
  rows: readonly FeatureRow[],
  horizonDays: number,
  phase: string,
  { progress, signal }: JobHooks,
): Promise<ScoredCustomer[]> {
  const scored: ScoredCustomer[] = [];
  for (const some of slicesOf(rows, batchSize)) {
    signal.throwIfAborted();
    scored.push(...(await scoreCustomers(model, some, { horizonDays, signal })));
    await progress.report(phase, scored.length / rows.length);
  }
  return scored;
}

/**
 * A lower bound of purchase probabilities over a horizon beyond the learnt ones: whoever buys within the learnt horizon also buys within
 * a longer one. It applies to customers whose purchases the level of the longer horizon lowers, and is 0 for all others, so that an
 * answer does not depend on who is asked for with them.
 * @param beyond natural log of what each customer's purchases are multiplied by
 * @returns null where nothing is lowered
 */
async function learntProbabilities(
  model: LoadedModel | PriorModel,
  rows: readonly FeatureRow[],
  beyond: readonly number[],
  { horizonDays, ...options }: ScoringOptions,
): Promise<number[] | null> {
  const learnt = model.bundle.level.horizonDays;
  if (horizonDays <= learnt || beyond.every((log) => log >= 0)) return null;
  const scored = await scoreCustomers(model, rows, { ...options, horizonDays: learnt });
  return scored.map(({ logit }, i) => (beyond[i]! < 0 ? sigmoid(logit) : 0));
}

/**
 * An upper bound over a horizon shorter than the longest learnt one: nobody is expected to buy more in it. A network may say otherwise,
 * as where it has learnt the short horizon from another season.
 * @returns predictions over the longest learnt horizon; null where the model is not asked for both horizons
 */
export async function learntAnswers(
  model: LoadedModel | PriorModel,
  rows: readonly FeatureRow[],
  { horizonDays, ...options }: ScoringOptions,
): Promise<ScoredCustomer[] | null> {
  if (!usesNetwork(model)) return null;
  const learnt = model.bundle.level.horizonDays;
  const asked = askedHorizonDays(model, horizonDays);
  return asked < learnt && learnt !== noCorrection.horizonDays
    ? scoreCustomers(model, rows, { ...options, horizonDays: learnt })
    : null;
}

async function askModel(
  model: LoadedModel,
  rows: readonly FeatureRow[],
  inputs: readonly ModelInput[],
  { horizonDays, signal }: ScoringOptions,
): Promise<ServedPrediction[]> {
  const { scale } = model.bundle;
  const asked = askedHorizonDays(model, horizonDays);
  const questions = asked === horizonDays ? inputs : rows.map((row) => modelInputOf(model, row, asked));
  const examples = questions.map((question) => exampleOf(model, question));
  const raw = await model.predictor.predict(examples, { signal });
  return raw.map((each, i) => {
    const served = toServedPrediction(model.spec, each, examples[i]!, scale);
    return asked === horizonDays ? served : carried(served, { from: questions[i]!.prior, to: inputs[i]!.prior }, scale);
  });
}

export function modelInputOf(model: Pick<LoadedModel, 'bundle'>, row: FeatureRow, horizonDays: number): ModelInput {
  return inputWith(model, row, horizonDays, shiftOf(model, row, horizonDays));
}

function shiftOf(model: Pick<LoadedModel, 'bundle'>, row: FeatureRow, horizonDays: number): number {
  return valueShift(model, rfmOf(row.features), horizonDays, row.asOf);
}

function inputWith(
  { bundle: { scaler, prior } }: Pick<LoadedModel, 'bundle'>,
  row: FeatureRow,
  horizonDays: number,
  shift: number,
): ModelInput {
  const input = buildModelInput({ row, horizonDays, scaler, prior });
  const [logit, logValue] = input.prior;
  return { ...input, prior: [logit, logValue + shift] };
}

/** Natural log of what the prior's value is multiplied by: corrections of level and spread, and `carriedOn` beyond learnt horizons. */
export function valueShift(
  { bundle: { prior, level, spread } }: Pick<LoadedModel, 'bundle'>,
  rfm: RfmSummary,
  horizonDays: number,
  asOf: Date,
): number {
  const learntDays = level.horizonDays;
  const ofSpread = spread ? spreadShift(spread, dailyValue(prior, rfm, spread.horizonDays, asOf)) : 0;
  return levelShift(level, horizonDays) + carriedOn(prior, rfm, { horizonDays, learntDays }, asOf) + ofSpread;
}

export function exampleOf(model: Pick<LoadedModel, 'bundle' | 'tokenizer'>, input: ModelInput): Example {
  const { maxTokens, scale } = model.bundle;
  return toExample(input, model.tokenizer, { maxTokens, valueScale: scale.valueScale });
}

/**
 * Expected purchase days in the horizon: the prior's number for those who buy at all, E[N | N > 0] = E[N] / P(N > 0), at least 1, times
 * the model's P(N > 0); at most the number of days.
 * @param beyond natural log of what the prior's purchases are multiplied by: beyond the learnt horizon, and for their spread
 */
function expectedOrders(
  model: Pick<LoadedModel, 'bundle'>,
  row: FeatureRow,
  horizonDays: number,
  { served, beyond }: { readonly served: ServedPrediction; readonly beyond: number },
): number {
  const own = ownPrior(model.bundle.prior, row.narrative);
  const prior = predictPrior(own, rfmOf(row.features), horizonDays, row.asOf);
  const buys = moreOften(prior.purchaseProbability, beyond);
  const ofBuyers = buys > 0 ? Math.max((prior.expectedPurchases * Math.exp(beyond)) / buys, 1) : 1;
  return Math.min(ofBuyers * sigmoid(served.logit), horizonDays);
}

/** Raw features, too: the model reads winsorised ones, so that two tickets may be the same to it as one. */
function hashOf({ features }: FeatureRow, input: ModelInput, horizonDays: number): string {
  const hash = createHash('sha256');
  hash.update(Float64Array.from(features, (value) => value ?? NaN));
  hash.update(input.numeric);
  hash.update(JSON.stringify([horizonDays, input.prior, input.narrative]));
  return hash.digest('base64url').slice(0, 22);
}
