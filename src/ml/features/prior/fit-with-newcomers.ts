import { sum } from '../../../math.js';
import type { RepeatPurchases } from '../repeat-purchases.js';
import { purchasesLogLikelihood, silentProbability, toPurchaseRows } from './bg-nbd.js';
import type { BtydPrior, PriorFit, PriorFitOptions } from './fit-prior.js';
import { fitWithCovariates, type ToldCovariates } from './fit-with-covariates.js';
import { learnNewcomers } from './learn-newcomers.js';
import { type Newcomers, paceOf, shareOf } from './newcomers.js';
import { columnsOnClock, firstDayOf } from './purchase-clock.js';
import type { RfmColumns } from './rfm-summary.js';

/**
 * `fitWithCovariates`, and beside it how customers who came lately differ from the earlier ones, where they do. Where some of
 * them are as the others and the rest never comes back, the prior is that of the earlier ones; where they buy at another pace, it
 * is that of all.
 * @param comebacks second purchase days of the customers before the as-of date
 * @throws ClvError as `fitPrior`
 */
export function fitWithNewcomers(
  columns: RfmColumns,
  comebacks: readonly RepeatPurchases[],
  covariates: ToldCovariates,
  options: Required<PriorFitOptions>,
): PriorFit {
  const { form } = options;
  const fit = fitWithCovariates(columns, covariates, options);
  const told = form.tellsNewcomers ? learnNewcomers(columns, comebacks, form, form.asOf) : null;
  if (!told) return fit;
  const firstDays = columns.age.map((age) => firstDayOf(age, form.asOf));
  const rows = Array.from(firstDays.keys());
  const lately = rows.filter((row) => firstDays[row]! >= told.since);
  const earlier = rows.filter((row) => firstDays[row]! < told.since);
  const spans = covariates.spans.length === 0 ? [] : earlier.map((row) => covariates.spans[row]!);
  const fitOfEarlier = fitWithCovariates(rowsOf(columns, earlier), { ...covariates, spans }, options);
  const likelihood = (newcomers: Newcomers) =>
    logLikelihoodOf({ ...fitOfEarlier.parameters, newcomers }, rowsOf(columns, lately), form.asOf);
  const pace: Newcomers = { since: told.since, differ: 'PACE', ratios: told.paces };
  const share: Newcomers = { since: told.since, differ: 'SHARE', ratios: told.shares };
  // By years, a rate is not what tells customers apart.
  return form.yearly || likelihood(share) > likelihood(pace)
    ? withNewcomers(fitOfEarlier, share)
    : withNewcomers(fit, pace);
}

const withNewcomers = (fit: PriorFit, newcomers: Newcomers): PriorFit => ({
  ...fit,
  parameters: { ...fit.parameters, newcomers },
});

/** Of these customers' purchases; `columns` are in calendar days, as of `asOf`. By BG/NBD. */
export function logLikelihoodOf(prior: BtydPrior, columns: RfmColumns, asOf: Date): number {
  const timed = columnsOnClock(prior, columns, asOf);
  const asOthers = purchasesLogLikelihood(prior, toPurchaseRows(timed, prior.timeUnitDays), new Float64Array(4));
  const beyond = Array.from(columns.age, (age, i) => {
    const firstDay = firstDayOf(age, asOf);
    const x = columns.frequency[i]!;
    // In time that runs k times as fast purchases lie k times as dense.
    const dense = x * Math.log(paceOf(prior.newcomers, firstDay));
    const share = shareOf(prior.newcomers, firstDay);
    const silent = silentProbability(prior, timed.age[i]! / prior.timeUnitDays);
    return dense + Math.log(x > 0 ? share : (1 - share + share * silent) / silent);
  });
  return asOthers + sum(beyond);
}

function rowsOf(columns: RfmColumns, rows: readonly number[]): RfmColumns {
  const of = (values: Float64Array) => Float64Array.from(rows, (row) => values[row]!);
  return {
    frequency: of(columns.frequency),
    recency: of(columns.recency),
    age: of(columns.age),
    monetary: of(columns.monetary),
    firstValue: of(columns.firstValue),
  };
}
