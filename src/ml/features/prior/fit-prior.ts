import { ClvError } from '../../../errors.js';
import type { PurchaseParameters } from './purchases/purchase-model.js';
import { toPurchaseRows } from './purchases/purchase-rows.js';
import type { CovariateEffects } from './covariates/covariate-effects.js';
import type { FirstAmounts } from './first-amounts/first-amounts.js';
import { fitOrderValues } from './order-values/fit-order-values.js';
import { fitPurchases, weekDays } from './purchases/fit-purchases.js';
import type { OrderValueParameters } from './order-values/order-values.js';
import type { Prices } from './order-values/prices.js';
import { checkRfmColumns, type RfmColumns } from './rfm-summary.js';
import { columnsOnClock, type PurchaseClock, type TimedColumns } from './clock/purchase-clock.js';
import type { Rhythm } from './rhythm/rhythm.js';
import { fitYearly, type YearlyFit } from './yearly/fit-yearly.js';
import type { YearlyClock } from './yearly/yearly-clock.js';
import type { YearlyChances, YearlyParameters } from './yearly/yearly-model.js';

/**
 * The fitted buy-till-you-die prior: BG/NBD, plain or modified, or Pareto/NBD for how often, on a clock of its own, Gamma-Gamma
 * or log-normal for how much. Plain JSON.
 */
export interface BtydPrior extends PurchaseParameters, OrderValueParameters, PurchaseClock {
  /** Days in the time unit of `alpha`: weeks, so that the parameters compare with the literature's. */
  timeUnitDays: number;
  /** Where customers buy by years: what is expected of their purchases, in place of the above. */
  yearly?: YearlyParameters;
  /** Absent where no attributes are read. */
  covariates?: CovariateEffects;
  /** Absent where the same customers spend as much an order as before. */
  prices?: Prices;
  /** Absent where first amounts tell nothing. */
  firstAmounts?: FirstAmounts;
  /** Absent where hardly any customer buys at regular intervals. */
  rhythm?: Rhythm;
}

/** What all priors of a snapshot have in common: their training windows must differ in the customers alone. */
export interface PriorForm extends PurchaseClock {
  readonly leavesAtFirst: boolean;
  /** Absent where customers leave after purchases. */
  readonly leavesWithTime?: boolean;
  /** Whether order values are log-normal rather than Gamma-Gamma. */
  readonly logNormalValues: boolean;
  /** In currency: what a first purchase counts for at most, see `OrderValueParameters`; absent without such a limit. */
  readonly firstValueLimit?: number;
  /** See `BtydPrior`. */
  readonly prices?: Prices;
  /** Whether customers who came lately are told apart from the others, where they differ. */
  readonly tellsNewcomers: boolean;
  /** Texts of the first amounts that tell customers apart; absent where none do. */
  readonly firstAmounts?: readonly string[];
  /** Whether silence is compared with a customer's own gaps. Absent where hardly any customer buys at regular intervals. */
  readonly tellsRhythm?: boolean;
  /** Where customers buy by years. The chances, if any, are those that few years of history are drawn to. */
  readonly yearly?: YearlyClock & { readonly chances?: YearlyChances };
}

/** Why a prior is less than a plain maximum-likelihood fit. */
export type PriorWarning =
  | 'NO_REPEAT_BUYERS'
  | 'FEW_REPEAT_BUYERS'
  | 'PURCHASES_WEAKLY_IDENTIFIED'
  | 'ORDER_VALUES_WEAKLY_IDENTIFIED'
  | 'ORDER_VALUES_ASSUMED'
  | 'NOT_CONVERGED';

export interface PriorFit {
  parameters: BtydPrior;
  converged: boolean;
  warnings: PriorWarning[];
}

export interface PriorFitOptions {
  /** Mean value of any purchase day, first ones included: used where there is no repeat purchase to learn from. */
  meanOrderValue: number;
  /** The form to fit, and the as-of date of the customers' summaries. */
  form: PriorForm & { readonly asOf: Date };
}

/** Below this many repeat buyers a maximum-likelihood fit is noise. */
export const minRepeatBuyers = 30;

/**
 * Fits the two models by maximum likelihood. Where the data do not determine the parameters, it fits again
 * with a weak pull towards typical shops and says so in `warnings`: the parameters are always finite and usable.
 *
 * @param columns in calendar days
 * @throws ClvError INSUFFICIENT_DATA without customers; BAD_USER_INPUT for an impossible history
 */
export function fitPrior(columns: RfmColumns, options: PriorFitOptions): PriorFit {
  checkRfmColumns(columns);
  if (columns.frequency.length === 0) {
    throw new ClvError(
      'INSUFFICIENT_DATA',
      'No customer has bought before the as-of date: there is nothing to fit the prior on.',
    );
  }
  const { form } = options;
  const { yearly, asOf } = form;
  const years = yearly && fitYearly(yearly, columns, asOf, yearly.chances);
  return fitOnClock(columnsOnClock(form, columns, asOf), options, years);
}

/**
 * `fitPrior` of customers whose times are on the form's clock already.
 * @param yearly what is expected of their purchases in place of BG/NBD
 */
export function fitOnClock(
  columns: TimedColumns,
  { form, meanOrderValue }: PriorFitOptions,
  yearly?: Pick<YearlyFit, 'parameters' | 'converged'>,
): PriorFit {
  const repeatBuyers = columns.frequency.reduce((count, x) => (x > 0 ? count + 1 : count), 0);
  const enough = repeatBuyers >= minRepeatBuyers;
  const purchases = fitPurchases(toPurchaseRows(columns, weekDays), enough, form);
  const values = fitOrderValues(columns, {
    enough,
    meanOrderValue,
    logNormal: form.logNormalValues,
    firstValueLimit: form.firstValueLimit,
  });

  const warnings: PriorWarning[] = [];
  if (repeatBuyers === 0) warnings.push('NO_REPEAT_BUYERS');
  else if (!enough) warnings.push('FEW_REPEAT_BUYERS');
  if (enough && purchases.regularised && !yearly) warnings.push('PURCHASES_WEAKLY_IDENTIFIED');
  if (values.assumed) warnings.push('ORDER_VALUES_ASSUMED');
  else if (enough && values.regularised) warnings.push('ORDER_VALUES_WEAKLY_IDENTIFIED');
  const converged = (yearly ?? purchases).converged && values.converged;
  if (!converged) warnings.push('NOT_CONVERGED');
  return {
    parameters: {
      ...purchases.parameters,
      ...values.parameters,
      timeUnitDays: weekDays,
      season: form.season,
      pace: form.pace,
      ...(form.closures && { closures: form.closures }),
      ...(form.surge && { surge: form.surge }),
      earlyGain: form.earlyGain,
      ...(form.fading && { fading: form.fading }),
      ...(form.prices && { prices: form.prices }),
      ...(yearly && { yearly: yearly.parameters }),
    },
    converged,
    warnings,
  };
}
