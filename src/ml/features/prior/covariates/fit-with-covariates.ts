import type { NarrativeSpan } from '../../feature-group.js';
import { type CovariateEffect, effectOf } from './covariate-effects.js';
import { fitOnClock, fitPrior, type PriorFit, type PriorFitOptions } from '../fit-prior.js';
import { learnCovariates } from './learn-covariates.js';
import { columnsOnClock, type TimedColumns } from '../clock/purchase-clock.js';
import type { RfmColumns } from '../rfm-summary.js';

/** Attributes that are read, and what the customers' narratives tell of them, in the order of the columns. */
export interface ToldCovariates {
  readonly names: readonly string[];
  readonly spans: readonly (readonly NarrativeSpan[])[];
}

/**
 * `fitPrior`, and beside it what the customers' attributes change. The prior of customers who are alike in their attributes is
 * narrower than that of all together: once the effects are known, the other parameters are fitted again, and then the effects.
 * @throws ClvError as `fitPrior`
 */
export function fitWithCovariates(
  columns: RfmColumns,
  { names, spans }: ToldCovariates,
  options: PriorFitOptions,
): PriorFit {
  const { form } = options;
  const fit = fitPrior(columns, options);
  if (names.length === 0) return fit;
  const timed = columnsOnClock(form, columns, form.asOf);
  const effects = learnCovariates(fit.parameters, timed, spans, names);
  const told = spans.map((narrative) => effectOf(effects, narrative));
  if (told.every(({ pace, price }) => pace === 0 && price === 0)) {
    return { ...fit, parameters: { ...fit.parameters, covariates: effects } };
  }
  const { converged, parameters: plain } = fit;
  const yearly = plain.yearly && { parameters: plain.yearly, converged };
  const again = fitOnClock(withoutEffects(timed, told), options, yearly);
  const { parameters } = again;
  return { ...again, parameters: { ...parameters, covariates: learnCovariates(parameters, timed, spans, names) } };
}

/** In each customer's own time and money, in which all are alike. */
function withoutEffects(columns: TimedColumns, effects: readonly CovariateEffect[]): TimedColumns {
  const inTheirTime = (days: Float64Array) => days.map((value, i) => value * Math.exp(effects[i]!.pace));
  const inTheirMoney = (values: Float64Array) => values.map((value, i) => value * Math.exp(-effects[i]!.price));
  return {
    ...columns,
    recency: inTheirTime(columns.recency),
    age: inTheirTime(columns.age),
    monetary: inTheirMoney(columns.monetary),
    firstValue: inTheirMoney(columns.firstValue),
    ...(columns.wait && { wait: inTheirTime(columns.wait) }),
  };
}
