import { clamp } from '../../../../math.js';

/** Value at `point`; writes the gradient into `gradient`. */
export type Objective = (point: Float64Array, gradient: Float64Array) => number;

export interface Box {
  lower: readonly number[];
  upper: readonly number[];
}

export interface Minimum {
  point: Float64Array;
  value: number;
  iterations: number;
  /** The projected gradient vanished. False: the iterations ran out, or no step made progress. */
  converged: boolean;
  /** At least one coordinate lies on its bound. */
  atBound: boolean;
}

const maxIterations = 300;
/** The search ends where the projected gradient is below it: what rounding leaves of it in a likelihood of a million customers. */
const gradientTolerance = 1e-5;
/** The search ends where a full step promises a smaller decrease, relative to the value: below it, rounding is all that moves. */
const decreaseTolerance = 1e-13;
/** Longest move of a coordinate in one step: parameters are logarithms, so a factor of about 7. */
const maxStep = 2;

/**
 * Minimises a smooth function of a few variables inside a box: BFGS (Nocedal & Wright 2006, chapter 6) on
 * the free coordinates, with steps projected onto the box and Armijo backtracking.
 */
export function minimise(objective: Objective, start: ArrayLike<number>, box: Box): Minimum {
  const size = start.length;
  let point = project(Float64Array.from(start), box);
  let gradient: Float64Array = new Float64Array(size);
  let value = objective(point, gradient);
  let free = freeCoordinates(point, gradient, box);
  let slope = masked(gradient, free);
  let inverse = identity(size);
  let fresh = true;
  let iterations = 0;

  while (longest(slope) > 0 && iterations < maxIterations) {
    const direction = descentDirection(inverse, slope);
    if (longest(slope) <= gradientTolerance && -dot(direction, slope) <= decreaseTolerance * (1 + Math.abs(value)))
      break;
    iterations++;
    const next = lineSearch(objective, point, value, gradient, direction, box);
    if (next) {
      const step = next.point.map((coordinate, i) => coordinate - point[i]!);
      const change = masked(next.gradient, free).map((component, i) => component - slope[i]!);
      fresh = !updateInverse(inverse, step, change, fresh) && fresh;
      ({ point, gradient, value } = next);
    } else if (fresh) {
      break;
    }
    const nowFree = freeCoordinates(point, gradient, box);
    // What is known of the curvature holds for one set of free coordinates.
    if (!next || nowFree.some((isFree, i) => isFree !== free[i])) {
      inverse = identity(size);
      fresh = true;
    }
    free = nowFree;
    slope = masked(gradient, free);
  }
  return {
    point,
    value,
    iterations,
    converged: longest(slope) <= gradientTolerance,
    atBound: point.some((coordinate, i) => coordinate <= box.lower[i]! || coordinate >= box.upper[i]!),
  };
}

function identity(size: number): Float64Array {
  const matrix = new Float64Array(size * size);
  for (let i = 0; i < size; i++) matrix[i * size + i] = 1;
  return matrix;
}

function project(point: Float64Array, box: Box): Float64Array {
  return point.map((coordinate, i) => clamp(coordinate, box.lower[i]!, box.upper[i]!));
}

/** A coordinate is held where its bound stops the descent. */
function freeCoordinates(point: Float64Array, gradient: Float64Array, box: Box): boolean[] {
  return Array.from(point, (coordinate, i) => {
    if (coordinate <= box.lower[i]!) return gradient[i]! < 0;
    if (coordinate >= box.upper[i]!) return gradient[i]! > 0;
    return true;
  });
}

function masked(gradient: Float64Array, free: readonly boolean[]): Float64Array {
  return gradient.map((component, i) => (free[i] ? component : 0));
}

function longest(vector: Float64Array): number {
  return vector.reduce((max, component) => Math.max(max, Math.abs(component)), 0);
}

/** Minus inverse Hessian times slope, of limited length. */
function descentDirection(inverse: Float64Array, slope: Float64Array): Float64Array {
  const direction = multiply(inverse, slope);
  const factor = -Math.min(1, maxStep / longest(direction));
  return direction.map((component) => component * factor);
}

function lineSearch(
  objective: Objective,
  point: Float64Array,
  value: number,
  gradient: Float64Array,
  direction: Float64Array,
  box: Box,
): { point: Float64Array; value: number; gradient: Float64Array } | undefined {
  const edge = stepToEdge(point, direction, box);
  // Beyond a bound the direction is bent, and may lead uphill however near that is: the step that just reaches it is tried, too.
  for (let step = 1; step > 1e-9; step = step / 2 < edge && edge < step ? edge : step / 2) {
    const trial = project(
      point.map((coordinate, i) => coordinate + step * direction[i]!),
      box,
    );
    const trialGradient = new Float64Array(point.length);
    const trialValue = objective(trial, trialGradient);
    const slope = trial.reduce((sum, coordinate, i) => sum + gradient[i]! * (coordinate - point[i]!), 0);
    if (slope < 0 && trialValue < value + 1e-4 * slope)
      return { point: trial, value: trialValue, gradient: trialGradient };
  }
  return undefined;
}

/** The step to the first bound in the way, and so little further that rounding does not end it short of the bound; Infinity without one. */
function stepToEdge(point: Float64Array, direction: Float64Array, { lower, upper }: Box): number {
  const steps = Array.from(direction, (change, i) => {
    const room = (change < 0 ? lower[i]! : upper[i]!) - point[i]!;
    return change === 0 || room === 0 ? Infinity : room / change;
  });
  return Math.min(...steps) * (1 + 1e-9);
}

/** The BFGS update, in place; skipped (false) where the curvature along the step is not positive. */
function updateInverse(inverse: Float64Array, step: Float64Array, change: Float64Array, fresh: boolean): boolean {
  const size = step.length;
  const curvature = dot(step, change);
  if (!(curvature > 1e-14 * Math.sqrt(dot(step, step) * dot(change, change)))) return false;
  // The first step knows no curvature: scale the identity to it before the update.
  if (fresh) for (let i = 0; i < size; i++) inverse[i * size + i] = curvature / dot(change, change);
  const product = multiply(inverse, change);
  const scale = (1 + dot(change, product) / curvature) / curvature;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      const correction = (product[i]! * step[j]! + step[i]! * product[j]!) / curvature;
      inverse[i * size + j]! += scale * step[i]! * step[j]! - correction;
    }
  }
  return true;
}

function multiply(matrix: Float64Array, vector: Float64Array): Float64Array {
  const size = vector.length;
  return vector.map((_, i) => dot(matrix.subarray(i * size, (i + 1) * size), vector));
}

function dot(left: Float64Array, right: Float64Array): number {
  return left.reduce((sum, value, i) => sum + value * right[i]!, 0);
}
