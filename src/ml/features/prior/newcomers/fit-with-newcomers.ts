import { sum } from '../../../../math.js';
import type { RepeatPurchases } from '../../repeat-purchases.js';
import { purchasesLogLikelihood, silentProbability } from '../purchases/purchase-model.js';
import { toPurchaseRows } from '../purchases/purchase-rows.js';
import { timesOnBoth } from '../purchases/times.js';
import { effectOf } from '../covariates/covariate-effects.js';
import type { BtydPrior, PriorFit, PriorFitOptions } from '../fit-prior.js';
import { fitWithCovariates, type ToldCovariates } from '../covariates/fit-with-covariates.js';
import { learnNewcomers, newcomersSince } from './learn-newcomers.js';
import { type Newcomers, paceOf, shareOf } from './newcomers.js';
import { inOwnTime, type RateEffects, rateEffectsOf } from '../covariates/own-time.js';
import { columnsOnClock, firstDayOf } from '../clock/purchase-clock.js';
import { columnsInPrices } from '../order-values/prices.js';
import { type RfmColumns, rowsOf } from '../rfm-summary.js';

/**
 * `fitWithCovariates`, and how newcomers differ from earlier customers, where they do. Of SHARE and PACE (see `Newcomers`) it takes the
 * one under which the newcomers' purchases are likelier. With SHARE the other parameters are those of the earlier customers. With PACE
 * they are those of all; where customers leave with time, they are fitted again with newcomers at their paces, since who buys slowly
 * would otherwise seem to have left.
 * @param customers in calendar days, and in the prices of the days when they bought
 * @param comebacks second purchase days of the customers before the as-of date
 * @throws ClvError as `fitPrior`
 */
export function fitWithNewcomers(
  customers: RfmColumns,
  comebacks: readonly RepeatPurchases[],
  covariates: ToldCovariates,
  options: PriorFitOptions,
): PriorFit {
  const { form } = options;
  const columns = columnsInPrices(form.prices, customers, form.asOf);
  const fit = fitWithCovariates(columns, covariates, options);
  const since = form.tellsNewcomers ? newcomersSince(columns, form.asOf) : null;
  if (since === null) return fit;
  const firstDays = columns.age.map((age) => firstDayOf(age, form.asOf));
  const rows = Array.from(firstDays.keys());
  const lately = rows.filter((row) => firstDays[row]! >= since);
  const earlier = rows.filter((row) => firstDays[row]! < since);
  const { spans } = covariates;
  const spansOf = (some: readonly number[]) => (spans.length === 0 ? [] : some.map((row) => spans[row]!));
  const fitEarlier = () =>
    fitWithCovariates(rowsOf(columns, earlier), { ...covariates, spans: spansOf(earlier) }, options);
  const learn = (withPaces?: BtydPrior) =>
    learnNewcomers(columns, comebacks, form, form.asOf, {
      prior: withPaces ?? fit.parameters,
      ...(withPaces && { logPace: effectsOf(withPaces, spans).pace }),
    });
  // Where customers buy by years, no attribute changes a rate.
  const fitWithPaces = covariates.names.length === 0 || form.yearly ? null : fitEarlier();
  const told = learn(fitWithPaces?.parameters);
  if (!told) return fit;
  const fitOfEarlier = fitWithPaces ?? fitEarlier();
  const likelihood = (newcomers: Newcomers) =>
    logLikelihoodOf(
      { ...fitOfEarlier.parameters, newcomers },
      rowsOf(columns, lately),
      form.asOf,
      fitWithPaces ? effectsOf(fitOfEarlier.parameters, spansOf(lately)) : undefined,
    );
  const pace: Newcomers = { since, differ: 'PACE', ratios: told.paces };
  const share: Newcomers = { since, differ: 'SHARE', ratios: told.shares };
  // Where customers buy by years, there is no rate that a pace could multiply.
  if (form.yearly || likelihood(share) > likelihood(pace)) return withNewcomers(fitOfEarlier, share);
  // Learnt again beside the attributes' effects on all customers: what these explain is no pace of the newcomers.
  const beside = fitWithPaces ? learn(fit.parameters) : told;
  if (!beside) return fit;
  const newcomers = { ...pace, ratios: beside.paces };
  if (!form.leavesWithTime) return withNewcomers(fit, newcomers);
  const atTheirPaces = fitWithCovariates(columns, covariates, { ...options, form: { ...form, newcomers } });
  return withNewcomers(atTheirPaces, newcomers);
}

const withNewcomers = (fit: PriorFit, newcomers: Newcomers): PriorFit => ({
  ...fit,
  parameters: { ...fit.parameters, newcomers },
});

const effectsOf = (prior: BtydPrior, spans: ToldCovariates['spans']): RateEffects =>
  rateEffectsOf(spans.map((narrative) => effectOf(prior.covariates, narrative)));

/**
 * Log-likelihood of these customers' purchases by BG/NBD or Pareto/NBD, newcomers as the prior has them.
 * @param columns in calendar days, as of `asOf`
 * @param effects of their attributes, where these are read
 */
export function logLikelihoodOf(prior: BtydPrior, columns: RfmColumns, asOf: Date, effects?: RateEffects): number {
  const onClock = columnsOnClock(prior, columns, asOf);
  const timed = effects ? inOwnTime(onClock, effects, prior.leavesWithTime) : onClock;
  const asOthers = purchasesLogLikelihood(prior, toPurchaseRows(timed, prior.timeUnitDays), new Float64Array(4));
  const timesOf = timesOnBoth(timed, prior.timeUnitDays);
  const beyond = Array.from(columns.age, (age, i) => {
    const firstDay = firstDayOf(age, asOf);
    const x = columns.frequency[i]!;
    // On a clock that runs k times as fast the density of a purchase is k times as high.
    const dense = x * (Math.log(paceOf(prior.newcomers, firstDay)) + (effects?.pace[i] ?? 0));
    const share = shareOf(prior.newcomers, firstDay);
    if (x > 0) return dense + Math.log(share);
    const times = timesOf(i);
    const silent = silentProbability(prior, times, times.leaving);
    return dense + Math.log((1 - share + share * silent) / silent);
  });
  return asOthers + sum(beyond);
}
