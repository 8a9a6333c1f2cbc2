import { isDeepStrictEqual } from 'node:util';
import type { Queryable } from '../../database/queryable.js';
import { computeCovariates, computeRfm } from '../../ml/features/compute-features.js';
import { drawForPrior } from '../../ml/features/customer-sampling.js';
import { longestHorizonDays } from '../../ml/features/horizon-limits.js';
import { baseOutlook, type OutlookPoint } from '../../ml/features/prior/base-outlook.js';
import { dailyValues } from '../../ml/features/prior/daily-value.js';
import type { BtydPrior, PriorFit, PriorForm } from '../../ml/features/prior/fit-prior.js';
import type { ToldCovariates } from '../../ml/features/prior/covariates/fit-with-covariates.js';
import { fitFirstAmounts } from '../../ml/features/prior/first-amounts/fit-first-amounts.js';
import { learnFirstAmounts } from '../../ml/features/prior/first-amounts/learn-first-amounts.js';
import { fitWithNewcomers } from '../../ml/features/prior/newcomers/fit-with-newcomers.js';
import { withEarlierCustomers } from '../../ml/features/prior/earlier-customers/learn-earlier-customers.js';
import { tellsSeason } from '../../ml/features/prior/history.js';
import { learnPriorForm } from '../../ml/features/prior/learn-prior-form.js';
import { comparableYears, learnPrices } from '../../ml/features/prior/order-values/learn-prices.js';
import type { RfmColumns } from '../../ml/features/prior/rfm-summary.js';
import { buysRegularly, learnRhythm } from '../../ml/features/prior/rhythm/learn-rhythm.js';
import { computeRecentSales } from '../../ml/features/recent-sales.js';
import { computeComebacks, computeRepeatPurchases } from '../../ml/features/repeat-purchases.js';
import { computeValuesByYear } from '../../ml/features/values-by-year.js';

/** Customers that a prior is fitted on, and what is known of them before the instant's UTC day. */
interface PriorSample {
  readonly asOf: Date;
  readonly customerIds: readonly string[];
  readonly columns: RfmColumns;
  /** Mean value of their first purchases, in currency. */
  readonly meanFirstValue: number;
  readonly covariates: ToldCovariates;
}

/** More customers would change no parameter by a per cent. */
const largestSample = 50_000;

/** Needs `prepareSampling` to have run in the same transaction. */
export async function drawPriorSample(
  queryable: Queryable,
  asOf: Date,
  covariates: readonly string[],
): Promise<PriorSample> {
  return readPriorSample(queryable, asOf, await drawForPrior(queryable, asOf, largestSample), covariates);
}

export async function readPriorSample(
  queryable: Queryable,
  asOf: Date,
  customerIds: readonly string[],
  names: readonly string[] = [],
): Promise<PriorSample> {
  const { columns, meanFirstValue, customerIds: order } = await computeRfm(queryable, { asOf, customerIds });
  const spans = names.length === 0 ? [] : await computeCovariates(queryable, order, names);
  return { asOf, customerIds, columns, meanFirstValue, covariates: { names, spans } };
}

/** Chooses the form of all priors of a snapshot from the sample's whole history. */
export async function priorFormOf(queryable: Queryable, sample: PriorSample, checkedAsOf?: Date): Promise<PriorForm> {
  const form = await formInTime(queryable, sample, checkedAsOf);
  const firstAmounts = learnFirstAmounts(form, sample.columns, sample.asOf);
  // Where customers buy by years, or had bought before history, other models answer.
  const tellsRhythm = !form.yearly && !form.earlier && buysRegularly(sample.columns);
  return { ...form, ...(firstAmounts.length > 0 && { firstAmounts }), ...(tellsRhythm && { tellsRhythm }) };
}

async function formInTime(queryable: Queryable, sample: PriorSample, checkedAsOf?: Date): Promise<PriorForm> {
  const { columns, asOf } = sample;
  const years = comparableYears(columns);
  const prices =
    years > 0 ? learnPrices(await computeValuesByYear(queryable, { ...sample, years }), columns, asOf) : undefined;
  const seen = { columns, repeats: await computeRepeatPurchases(queryable, sample), asOf, prices };
  const plain = learnPriorForm(seen, checkedAsOf);
  const comebacks = plain.tellsNewcomers ? await computeComebacks(queryable, sample) : [];
  const form = withEarlierCustomers(plain, columns, comebacks, asOf);
  if (!form.earlier || !tellsSeason(columns)) return form;
  // Again, knowing of customers from before history: they are its first customers, and that these buy more is no season.
  const allowing = learnPriorForm({ ...seen, earlier: form.earlier }, checkedAsOf);
  // From the same form the same follows, at the cost of a third of all this.
  if (isDeepStrictEqual(allowing, plain)) return form;
  return withEarlierCustomers(allowing, columns, comebacks, asOf);
}

export async function fitPriorOn(queryable: Queryable, sample: PriorSample, form: PriorForm): Promise<PriorFit> {
  const { asOf, columns, meanFirstValue, covariates } = sample;
  const comebacks = form.tellsNewcomers ? await computeComebacks(queryable, sample) : [];
  const fit = fitWithNewcomers(columns, comebacks, covariates, {
    meanOrderValue: meanFirstValue,
    form: { ...form, asOf },
  });
  // What attributes tell, as that somebody subscribes, would count twice.
  const amounts = covariates.names.length === 0 ? (form.firstAmounts ?? []) : [];
  const firstAmounts = fitFirstAmounts(fit.parameters, columns, asOf, amounts);
  const rhythm = form.tellsRhythm ? learnRhythm(columns) : undefined;
  const parameters = { ...fit.parameters, ...(firstAmounts && { firstAmounts }), ...(rhythm && { rhythm }) };
  return { ...fit, parameters };
}

interface BaseAt {
  /** What the customers of the sample spent lately, and what their prior expects of them. */
  readonly outlook: readonly OutlookPoint[];
  /** What it expects of them a day, over the longest learnt horizon; see `dailyValues`. */
  readonly dailyValues: readonly number[];
}

export async function baseOf(
  queryable: Queryable,
  sample: PriorSample,
  prior: BtydPrior,
  learntDays: number,
): Promise<BaseAt> {
  const { asOf, columns } = sample;
  const sales = await computeRecentSales(queryable, sample);
  return {
    outlook: baseOutlook(prior, columns, sales, { asOf, learntDays, longestDays: longestHorizonDays }),
    dailyValues: dailyValues(prior, columns, learntDays, asOf),
  };
}
