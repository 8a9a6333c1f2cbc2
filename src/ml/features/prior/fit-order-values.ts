import {
  gammaGammaLogLikelihood,
  thinSpendRows,
  toSpendRows,
  type GammaGammaParameters,
  type SpendRows,
} from './gamma-gamma.js';
import { fitLogParameters, maxCoarseRows, type LogFit } from './log-parameters.js';
import type { Box } from './minimise.js';
import type { RfmColumns } from './rfm-summary.js';

export interface OrderValueFit extends LogFit {
  readonly parameters: GammaGammaParameters;
  /** No repeat purchase tells a value. */
  readonly assumed: boolean;
}

/** What is fitted: logarithms of (p, q - 1, v / mean order value) and, where there is a fourth, c. */
interface ValueModel {
  readonly starts: readonly (readonly number[])[];
  readonly box: Box;
  /** A typical shop, for the regularised fit; its mean is the shop's own. */
  readonly typical: readonly number[];
}

const logarithms = (...parameters: number[]): number[] => parameters.map(Math.log);

const published: ValueModel = {
  starts: [logarithms(3, 2, 2 / 3), logarithms(1, 0.5, 0.5), logarithms(8, 4, 0.5)],
  box: { lower: logarithms(1e-2, 5e-2, 1e-4), upper: logarithms(1e4, 1e4, 1e4) },
  typical: logarithms(3, 2, 2 / 3),
};
/** Half of what a typical one-time buyer is expected to spend goes by the first purchase. */
const withFirst: ValueModel = {
  starts: [logarithms(3, 3, 0.5, 0.5), logarithms(1, 1, 0.5, 0.2), logarithms(8, 5, 0.5, 2)],
  box: { lower: logarithms(1e-2, 5e-2, 1e-4, 1e-3), upper: logarithms(1e4, 1e4, 1e4, 1e3) },
  typical: logarithms(3, 3, 0.5, 0.5),
};
/** Log-likelihood that one more parameter must gain: a likelihood-ratio test at 1 %. */
const leastGain = 3.32;

/**
 * Gamma-Gamma by maximum likelihood, with the first purchase's value as evidence unless it is unknown or repeat purchases
 * say that it is none.
 * @param enough false: draw the fit towards a typical shop, see `fitLogParameters`
 * @param meanOrderValue where no repeat purchase tells it
 */
export function fitOrderValues(
  columns: RfmColumns,
  enough: boolean,
  meanOrderValue: number | undefined,
): OrderValueFit {
  const repeatValue = meanRepeatValue(columns);
  const scale = repeatValue ?? (meanOrderValue && meanOrderValue > 0 ? meanOrderValue : 1);
  const rows = toSpendRows(columns, scale);
  const fit = columns.firstValue.some((value) => value > 0) ? better(rows, enough) : fitModel(rows, published, enough);
  const parameters = toParameters(fit.point);
  return {
    ...fit,
    // The density of values in currency is that of scaled values over the scale.
    logLikelihood: fit.logLikelihood - rows.spend.length * Math.log(scale),
    parameters: { ...parameters, v: parameters.v * scale },
    assumed: repeatValue === undefined,
  };
}

/** Of the two models. Where the data are not enough to tell, a first purchase is taken to say what it usually does. */
function better(rows: SpendRows, enough: boolean): LogFit {
  const richer = fitModel(rows, withFirst, enough);
  if (!enough) return richer;
  const plain = fitModel(rows, published, enough);
  return richer.logLikelihood > plain.logLikelihood + leastGain ? richer : plain;
}

function fitModel(rows: SpendRows, { starts, box, typical }: ValueModel, enough: boolean): LogFit {
  const likelihood = (of: SpendRows) => ({
    total: of.spend.length,
    logLikelihood: (point: readonly number[], gradient: Float64Array) => {
      const whole = new Float64Array(4);
      const value = gammaGammaLogLikelihood(toParameters(point), of, whole);
      gradient.set(whole.subarray(0, point.length));
      return value;
    },
  });
  return fitLogParameters({
    likelihood: likelihood(rows),
    coarse: likelihood(thinSpendRows(rows, maxCoarseRows)),
    starts,
    box,
    typical,
    enough,
  });
}

function toParameters([p, excess, v, firstWeight = 0]: readonly number[]): GammaGammaParameters {
  return { p: p!, q: 1 + excess!, v: v!, firstWeight };
}

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
