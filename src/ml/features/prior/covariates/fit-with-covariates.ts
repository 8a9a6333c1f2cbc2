import type { NarrativeSpan } from '../../feature-group.js';
import { type CovariateEffect, effectOf } from './covariate-effects.js';
import { fitOnClock, fitPrior, type PriorFit, type PriorFitOptions } from '../fit-prior.js';
import { learnCovariates } from './learn-covariates.js';
import { inOwnTime, rateEffectsOf } from './own-time.js';
import { columnsOnClock, type TimedColumns } from '../clock/purchase-clock.js';
import type { RfmColumns } from '../rfm-summary.js';

/** Attributes that are read, and what the customers' narratives tell of them, in the order of the columns. */
export interface ToldCovariates {
  readonly names: readonly string[];
  readonly spans: readonly (readonly NarrativeSpan[])[];
}

/**
 * `fitPrior`, and the effects of the customers' attributes. Customers of equal attributes differ less among each other than all
 * customers do: so, once the effects are known, the other parameters are fitted again without them, and then the effects once more.
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
  if (told.every(({ pace, price, leaving }) => pace === 0 && price === 0 && leaving === 0)) {
    return { ...fit, parameters: { ...fit.parameters, covariates: effects } };
  }
  const { converged, parameters: plain } = fit;
  const yearly = plain.yearly && { parameters: plain.yearly, converged };
  const again = fitOnClock(withoutEffects(timed, told, form.leavesWithTime), options, yearly);
  const { parameters } = again;
  return { ...again, parameters: { ...parameters, covariates: learnCovariates(parameters, timed, spans, names) } };
}

/** The same customers as they would be without the effects of their attributes. */
function withoutEffects(
  columns: TimedColumns,
  effects: readonly Required<CovariateEffect>[],
  leavesWithTime: boolean | undefined,
): TimedColumns {
  const inTheirMoney = (values: Float64Array) => values.map((value, i) => value * Math.exp(-effects[i]!.price));
  return {
    ...inOwnTime(columns, rateEffectsOf(effects), leavesWithTime),
    monetary: inTheirMoney(columns.monetary),
    firstValue: inTheirMoney(columns.firstValue),
  };
}
