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

/** Its likelihood is that of values over their mean: it compares with those of other fits to the same buyers. */
export interface OrderValueFit extends LogFit {
  readonly parameters: OrderValueParameters;
  /** No repeat purchase tells a value. */
  readonly assumed: boolean;
  /** By how much log-normal values are likelier than Gamma-Gamma ones; 0 if they were not fitted. */
  readonly logNormalGain: number;
  /** Whether the mean of Gamma-Gamma is far from that of the data. */
  readonly isOff: boolean;
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
    parameters: {
      ...parameters,
      v: parameters.v * scale,
      ...(byLogNormal && { logNormal: toLogNormal(byLogNormal.point, scale) }),
      ...(firstValueLimit && { firstValueLimit }),
    },
    assumed,
    logNormalGain: fit.logLikelihood - byGammaGamma.logLikelihood,
    isOff: offBy(byGammaGamma, rows, gammaGamma) > mostOff,
  };
}

/** A factor of 1.5 either way. On shops whose order values Gamma-Gamma fits it is 1.1 at most. */
const mostOff = Math.log(1.5);

/** How far the model's mean is from that of the data: the log of the factor, either way. */
const offBy = ({ point }: LogFit, rows: SpendRows, { impliedMean }: ValueModels): number =>
  Math.abs(Math.log(impliedMean?.(point, rows) ?? 1));

/**
 * The better of the two models. Where the data are not enough to tell, a first purchase is taken to say what it usually does. Where
 * values are of two kinds, such as telephones and cables, Gamma-Gamma may be likeliest with q near 1 and a mean many times that of the
 * data: there the model whose mean is nearer to that counts.
 */
function better(rows: SpendRows, models: ValueModels, enough: boolean): LogFit {
  const richer = fitModel(rows, models.withFirst, enough);
  if (!enough) return richer;
  const simpler = fitModel(rows, models.plain, enough);
  const [ofSimpler, ofRicher] = [offBy(simpler, rows, models), offBy(richer, rows, models)];
  if (Math.max(ofSimpler, ofRicher) > mostOff) return ofRicher < ofSimpler ? richer : simpler;
  return richer.logLikelihood > simpler.logLikelihood + leastGain ? richer : simpler;
}

const fitModel = (rows: SpendRows, { likelihood, ...model }: ValueModel, enough: boolean): LogFit =>
  fitLogParameters({
    ...model,
    likelihood: likelihood(rows),
    coarse: likelihood(thinSpendRows(rows, maxCoarseRows)),
    enough,
  });
