import { mean } from '../../../../math.js';
import { gammaGammaLogLikelihood, type GammaGammaParameters } from './gamma-gamma.js';
import { type LogNormalParameters, logNormalLogLikelihood, toLogValueSums } from './log-normal-values.js';
import type { Likelihood } from '../fitting/log-parameters.js';
import type { Box } from '../fitting/minimise.js';
import type { SpendRows } from './spend-rows.js';

/** What is fitted: logarithms of the first three parameters and, where there is a fourth, of what a first purchase counts. */
export interface ValueModel {
  readonly likelihood: (rows: SpendRows) => Likelihood;
  readonly starts: readonly (readonly number[])[];
  readonly box: Box;
  /** A typical shop, for the regularised fit; its mean is the shop's own. */
  readonly typical: readonly number[];
}

/** Two models: `plain`, as published, does not take the first purchase's value for evidence; `withFirst` does. */
export interface ValueModels {
  readonly plain: ValueModel;
  readonly withFirst: ValueModel;
  /** Mean order value of these buyers as far as their first purchases tell it, as a multiple of the mean that `rows` are scaled by. */
  readonly impliedMean?: (point: readonly number[], rows: SpendRows) => number;
}

const logarithms = (...parameters: number[]): number[] => parameters.map(Math.log);

const ofGammaGamma = (rows: SpendRows): Likelihood => ({
  total: rows.spend.length,
  logLikelihood: (point, gradient) => gammaGammaLogLikelihood(toGammaGamma(point), rows, gradient),
});

/** (p, q - 1, v / mean order value, c). Half of what a typical one-time buyer is expected to spend goes by the first purchase. */
export const gammaGamma: ValueModels = {
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
  impliedMean: ([p, excess, v, firstWeight = 0], rows) => (p! * (v! + firstWeight * mean(rows.first))) / excess!,
};

const ofLogNormal = (rows: SpendRows): Likelihood => {
  const sums = toLogValueSums(rows);
  return {
    total: rows.spend.length,
    logLikelihood: (point, gradient) => logNormalLogLikelihood(toLogNormal(point, 1), sums, gradient),
  };
};

/** (level, between, within, first weight). Variances of 4 are factors of 7 either way for a standard deviation. */
export const logNormal: ValueModels = {
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

export function toGammaGamma([p, excess, v, firstWeight = 0]: readonly number[]): GammaGammaParameters {
  return { p: p!, q: 1 + excess!, v: v!, firstWeight };
}

export const toLogNormal = (
  [level, between, within, firstWeight = 0]: readonly number[],
  typical: number,
): LogNormalParameters => ({ typical, level: level!, between: between!, within: within!, firstWeight });
