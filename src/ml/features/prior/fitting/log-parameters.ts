import { minimise, type Box, type Minimum, type Objective } from './minimise.js';

export interface Likelihood {
  /** Observations in all. */
  total: number;
  /** Log-likelihood at positive parameters; writes its gradient by those parameters. */
  logLikelihood: (parameters: readonly number[], gradient: Float64Array) => number;
}

export interface LogFitProblem {
  likelihood: Likelihood;
  /** The likelihood of a part of the data, on which the starts compete. */
  coarse: Likelihood;
  /** Logarithms of parameters, as in `box` and `typical`. */
  starts: readonly (readonly number[])[];
  box: Box;
  /** Where the regularised fit is drawn to. */
  typical: readonly number[];
  /** False: regularise without trying the plain fit. */
  enough: boolean;
}

export interface LogFit {
  /** The parameters themselves, not their logarithms. */
  point: number[];
  logLikelihood: number;
  converged: boolean;
  regularised: boolean;
}

/** Distinct histories, or buyers, on which the starting points compete. */
export const maxCoarseRows = 20_000;
/** Standard deviation of the log-normal pull on every parameter: a factor of 4.5 either way is nothing unusual. */
const pullDeviation = 1.5;

/**
 * Maximum likelihood over positive parameters, in their logarithms, from several starts. If the data are not enough,
 * or the optimum lies on the edge of the box (the likelihood has no inner maximum), it is the maximum with a weak
 * log-normal pull towards typical parameters: one prior in all, whatever the number of observations.
 */
export function fitLogParameters(problem: LogFitProblem): LogFit {
  if (problem.enough) {
    const plain = bestMinimum(problem, 0);
    if (plain.converged && !plain.atBound) return toFit(problem, plain, false);
  }
  return toFit(problem, bestMinimum(problem, 1 / pullDeviation ** 2), true);
}

function bestMinimum(problem: LogFitProblem, pull: number): Minimum {
  const { likelihood, coarse, starts, box, typical } = problem;
  const candidates = starts.map((start) => minimise(toObjective(coarse, typical, pull), start, box));
  const best = candidates.reduce((left, right) => (right.value < left.value ? right : left));
  if (coarse.total === likelihood.total) return best;
  return minimise(toObjective(likelihood, typical, pull), best.point, box);
}

/** Minus the mean log-likelihood (plus the pull), by the logarithms of the parameters. */
function toObjective({ total, logLikelihood }: Likelihood, typical: readonly number[], pull: number): Objective {
  const weight = 1 / Math.max(total, 1);
  return (point, gradient) => {
    const parameters = Array.from(point, Math.exp);
    let value = -weight * logLikelihood(parameters, gradient);
    for (let i = 0; i < point.length; i++) {
      const distance = point[i]! - typical[i]!;
      value += 0.5 * pull * weight * distance * distance;
      gradient[i] = weight * (pull * distance - gradient[i]! * parameters[i]!);
    }
    return value;
  };
}

function toFit({ likelihood }: LogFitProblem, minimum: Minimum, regularised: boolean): LogFit {
  const point = Array.from(minimum.point, Math.exp);
  return {
    point,
    logLikelihood: likelihood.logLikelihood(point, new Float64Array(point.length)),
    converged: minimum.converged,
    regularised,
  };
}
