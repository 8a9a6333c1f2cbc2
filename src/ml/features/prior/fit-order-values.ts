import { gammaGammaLogLikelihood, type GammaGammaParameters } from './gamma-gamma.js';
import { type LogNormalParameters, logNormalLogLikelihood, toLogValueSums } from './log-normal-values.js';
import { fitLogParameters, type Likelihood, maxCoarseRows, type LogFit } from './log-parameters.js';
import type { Box } from './minimise.js';
import type { OrderValueParameters } from './order-values.js';
import type { RfmColumns } from './rfm-summary.js';
import { thinSpendRows, toSpendRows, type SpendRows } from './spend-rows.js';

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
}

/** What is fitted: logarithms of the first three parameters and, where there is a fourth, of what a first purchase counts. */
interface ValueModel {
  readonly likelihood: (rows: SpendRows) => Likelihood;
  readonly starts: readonly (readonly number[])[];
  readonly box: Box;
  /** A typical shop, for the regularised fit; its mean is the shop's own. */
  readonly typical: readonly number[];
}

/** One without the first purchase's value as evidence, as published, and one with it. */
interface ValueModels {
  readonly plain: ValueModel;
  readonly withFirst: ValueModel;
}

const logarithms = (...parameters: number[]): number[] => parameters.map(Math.log);

const ofGammaGamma = (rows: SpendRows): Likelihood => ({
  total: rows.spend.length,
  logLikelihood: (point, gradient) => {
    const whole = new Float64Array(4);
    const value = gammaGammaLogLikelihood(toGammaGamma(point), rows, whole);
    gradient.set(whole.subarray(0, point.length));
    return value;
  },
});

/** (p, q - 1, v / mean order value, c). Half of what a typical one-time buyer is expected to spend goes by the first purchase. */
const gammaGamma: ValueModels = {
  plain: {
    likelihood: ofGammaGamma,
    starts: [logarithms(3, 2, 2 / 3), logarithms(1, 0.5, 0.5), logarithms(8, 4, 0.5)],
    box: { lower: logarithms(1e-2, 5e-2, 1e-4), upper: logarithms(1e4, 1e4, 1e4) },
    typical: logarithms(3, 2, 2 / 3),
  },
  withFirst: {
    likelihood: ofGammaGamma,
    starts: [logarithms(3, 3, 0.5, 0.5), logarithms(1, 1, 0.5, 0.2), logarithms(8, 5, 0.5, 2)],
    box: { lower: logarithms(1e-2, 5e-2, 1e-4, 1e-3), upper: logarithms(1e4, 1e4, 1e4, 1e3) },
    typical: logarithms(3, 3, 0.5, 0.5),
  },
};

const ofLogNormal = (rows: SpendRows): Likelihood => {
  const sums = toLogValueSums(rows);
  return {
    total: rows.spend.length,
    logLikelihood: (point, gradient) => logNormalLogLikelihood(toLogNormal(point, 1), sums, gradient),
  };
};

/** (level, between, within, first weight). Variances of 4 are factors of 7 either way for a standard deviation. */
const logNormal: ValueModels = {
  plain: {
    likelihood: ofLogNormal,
    starts: [logarithms(0.8, 0.3, 0.3), logarithms(0.9, 0.05, 0.05), logarithms(0.7, 0.1, 1)],
    box: { lower: logarithms(1e-3, 1e-6, 1e-6), upper: logarithms(1e3, 4, 4) },
    typical: logarithms(0.85, 0.3, 0.3),
  },
  withFirst: {
    likelihood: ofLogNormal,
    starts: [logarithms(0.8, 0.3, 0.3, 0.5), logarithms(0.9, 0.05, 0.05, 0.9), logarithms(0.7, 0.1, 1, 0.2)],
    box: { lower: logarithms(1e-3, 1e-6, 1e-6, 1e-3), upper: logarithms(1e3, 4, 4, 1) },
    typical: logarithms(0.85, 0.3, 0.3, 0.5),
  },
};

/** Log-likelihood that one more parameter must gain: a likelihood-ratio test at 1 %. */
const leastGain = 3.32;

/**
 * By maximum likelihood, with the first purchase's value as evidence unless it is unknown or repeat purchases say that it is
 * none.
 */
export function fitOrderValues(columns: RfmColumns, options: OrderValueOptions): OrderValueFit {
  const { enough, meanOrderValue } = options;
  const repeatValue = meanRepeatValue(columns);
  const scale = repeatValue ?? (meanOrderValue && meanOrderValue > 0 ? meanOrderValue : 1);
  const rows = toSpendRows(columns, scale);
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
    },
    assumed: repeatValue === undefined,
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

function toGammaGamma([p, excess, v, firstWeight = 0]: readonly number[]): GammaGammaParameters {
  return { p: p!, q: 1 + excess!, v: v!, firstWeight };
}

const toLogNormal = (
  [level, between, within, firstWeight = 0]: readonly number[],
  typical: number,
): LogNormalParameters => ({ typical, level: level!, between: between!, within: within!, firstWeight });

/** Mean of m over the customers with a repeat purchase of any value. */
function meanRepeatValue({ frequency, monetary }: RfmColumns): number | undefined {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < frequency.length; i++) {
    if (!(frequency[i]! > 0 && monetary[i]! > 0)) continue;
    sum += monetary[i]!;
    count++;
  }
  return count > 0 ? sum / count : undefined;
}
