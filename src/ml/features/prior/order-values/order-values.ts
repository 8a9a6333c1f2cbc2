import { gammaGammaLogLikelihood, gammaGammaOrderValue, type GammaGammaParameters } from './gamma-gamma.js';
import {
  logNormalLogLikelihood,
  logNormalOrderValue,
  type LogNormalParameters,
  toLogValueSums,
} from './log-normal-values.js';
import { type SpendColumns, toSpendRows } from './spend-rows.js';

export interface OrderValueParameters extends GammaGammaParameters {
  /** Where order values are likelier so: what is expected of them, in place of the above. */
  logNormal?: LogNormalParameters;
}

/**
 * E[order value | x, m, f] in currency: that of customers who began alike for x = 0, and the closer to the customer's own mean
 * the more often they bought.
 */
export function expectedOrderValue(
  parameters: OrderValueParameters,
  x: number,
  monetary: number,
  firstValue: number,
): number {
  const { logNormal } = parameters;
  if (logNormal) return logNormalOrderValue(logNormal, x, monetary, firstValue);
  return gammaGammaOrderValue(parameters, x, monetary, firstValue);
}

/** Parameters of customers whose order values are all e^price times the others'. */
export function dearer<Parameters extends OrderValueParameters>(parameters: Parameters, price: number): Parameters {
  const { v, logNormal, firstValueLimit } = parameters;
  return {
    ...parameters,
    v: v * Math.exp(price),
    ...(firstValueLimit && { firstValueLimit: firstValueLimit * Math.exp(price) }),
    ...(logNormal && { logNormal: dearerLogNormal(logNormal, price) }),
  };
}

/** Raises the level by what the first purchase, which is as much dearer, does not tell already. */
const dearerLogNormal = (parameters: LogNormalParameters, price: number): LogNormalParameters => ({
  ...parameters,
  level: parameters.level * Math.exp((1 - parameters.firstWeight) * price),
});

/** Derivative of the log-likelihood of customers' repeat order values by the log of what multiplies them. */
export function priceScore(parameters: OrderValueParameters, columns: SpendColumns): (price: number) => number {
  const gradient = new Float64Array(5);
  const { logNormal } = parameters;
  if (logNormal) {
    const sums = toLogValueSums(toSpendRows(columns, logNormal.typical));
    return (price) => {
      const moved = dearerLogNormal(logNormal, price);
      logNormalLogLikelihood(moved, sums, gradient);
      return (1 - moved.firstWeight) * moved.level * gradient[0]!;
    };
  }
  const rows = toSpendRows(columns, 1);
  return (price) => {
    const moved = dearer(parameters, price);
    gammaGammaLogLikelihood(moved, rows, gradient);
    return moved.v * gradient[2]! + (moved.firstValueLimit ?? 0) * gradient[4]!;
  };
}
