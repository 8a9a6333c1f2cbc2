import { mean } from '../../../../math.js';
import { fitLogParameters, maxCoarseRows, type LogFit } from '../fitting/log-parameters.js';
import {
  gammaGamma,
  logNormal,
  toGammaGamma,
  toLogNormal,
  type ValueModel,
  type ValueModels,
} from './order-value-models.js';
import type { OrderValueParameters } from './order-values.js';
import type { RfmColumns } from '../rfm-summary.js';
import { limitFirst, ofRepeatBuyers, thinSpendRows, toSpendRows, type SpendRows } from './spend-rows.js';

export interface OrderValueFit extends LogFit {
  readonly parameters: OrderValueParameters;
  /** No repeat purchase tells a value. */
  readonly assumed: boolean;
  /** By how much log-normal values are likelier than Gamma-Gamma ones; 0 if they were not fitted. */
  readonly logNormalGain: number;
}

export interface OrderValueOptions {
  /** False: draw the fit towards a typical shop, see `fitLogParameters`. */
  readonly enough: boolean;
  /** Where no repeat purchase tells it. */
  readonly meanOrderValue?: number | undefined;
  /** What is expected of order values: log-normal ones, or Gamma-Gamma. */
  readonly logNormal?: boolean | undefined;
  /** In currency: a first purchase of more is evidence as one of this value is. */
  readonly firstValueLimit?: number | undefined;
}

/** Log-likelihood that one more parameter must gain: a likelihood-ratio test at 1 %. */
const leastGain = 3.32;

/**
 * Fits order values by maximum likelihood. The first purchase's value is evidence, unless it is unknown or using it does not raise the
 * likelihood enough.
 */
export function fitOrderValues(columns: RfmColumns, options: OrderValueOptions): OrderValueFit {
  const { enough, meanOrderValue, firstValueLimit } = options;
  const repeatValues = ofRepeatBuyers(columns, 'monetary');
  const assumed = repeatValues.length === 0;
  const scale = assumed ? meanOrderValue || 1 : mean(repeatValues);
  const rows = toSpendRows(limitFirst(columns, firstValueLimit), scale);
  const knowsFirst = columns.firstValue.some((value) => value > 0);
  const fitOf = (models: ValueModels) =>
    knowsFirst ? better(rows, models, enough) : fitModel(rows, models.plain, enough);
  const byGammaGamma = fitOf(gammaGamma);
  const byLogNormal = options.logNormal && fitOf(logNormal);
  const fit = byLogNormal || byGammaGamma;
  const parameters = toGammaGamma(byGammaGamma.point);
  return {
    ...fit,
    // The density of values in currency is that of scaled values over the scale.
    logLikelihood: fit.logLikelihood - rows.spend.length * Math.log(scale),
    parameters: {
      ...parameters,
      v: parameters.v * scale,
      ...(byLogNormal && { logNormal: toLogNormal(byLogNormal.point, scale) }),
      ...(firstValueLimit && { firstValueLimit }),
    },
    assumed,
    logNormalGain: fit.logLikelihood - byGammaGamma.logLikelihood,
  };
}

/** Of the two models. Where the data are not enough to tell, a first purchase is taken to say what it usually does. */
function better(rows: SpendRows, { plain, withFirst }: ValueModels, enough: boolean): LogFit {
  const richer = fitModel(rows, withFirst, enough);
  if (!enough) return richer;
  const simpler = fitModel(rows, plain, enough);
  return richer.logLikelihood > simpler.logLikelihood + leastGain ? richer : simpler;
}

const fitModel = (rows: SpendRows, { likelihood, ...model }: ValueModel, enough: boolean): LogFit =>
  fitLogParameters({
    ...model,
    likelihood: likelihood(rows),
    coarse: likelihood(thinSpendRows(rows, maxCoarseRows)),
    enough,
  });
