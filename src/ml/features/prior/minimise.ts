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

const MAX_ITERATIONS = 300;
const GRADIENT_TOLERANCE = 1e-8;
/** What rounding leaves of a gradient once no step lowers the value any more. */
const ROUNDING_TOLERANCE = 1e-5;
/** Longest move of a coordinate in one step: parameters are logarithms, so a factor of about 7. */
const MAX_STEP = 2;

/**
 * Minimises a smooth function of a few variables inside a box: BFGS (Nocedal & Wright 2006, chapter 6) on
 * the free coordinates, with steps projected onto the box and Armijo backtracking.
 */
export function minimise(objective: Objective, start: ArrayLike<number>, box: Box): Minimum {
  const size = start.length;
  let point: Float64Array = project(Float64Array.from(start), box);
  let gradient: Float64Array = new Float64Array(size);
  let value = objective(point, gradient);
  let inverse = identity(size);
  let fresh = true;
  let iterations = 0;
  let norm = freeNorm(point, gradient, box);

  while (norm > GRADIENT_TOLERANCE && iterations < MAX_ITERATIONS) {
    iterations++;
    const direction = descentDirection(inverse, point, gradient, box);
    const next = direction && lineSearch(objective, point, value, gradient, direction, box);
    if (!next) {
      if (fresh) break;
      inverse = identity(size);
      fresh = true;
      continue;
    }
    fresh = !updateInverse(inverse, point, gradient, next.point, next.gradient, fresh);
    ({ point, gradient, value } = next);
    norm = freeNorm(point, gradient, box);
  }
  return {
    point,
    value,
    iterations,
    converged: norm <= (iterations < MAX_ITERATIONS ? ROUNDING_TOLERANCE : GRADIENT_TOLERANCE),
    atBound: point.some((coordinate, i) => coordinate <= box.lower[i]! || coordinate >= box.upper[i]!),
  };
}

function identity(size: number): Float64Array {
  const matrix = new Float64Array(size * size);
  for (let i = 0; i < size; i++) matrix[i * size + i] = 1;
  return matrix;
}

function project(point: Float64Array, box: Box): Float64Array {
  return point.map((coordinate, i) => Math.min(Math.max(coordinate, box.lower[i]!), box.upper[i]!));
}

/** A coordinate is held where its bound stops the descent. */
function isFree(point: Float64Array, gradient: Float64Array, box: Box, i: number): boolean {
  if (point[i]! <= box.lower[i]!) return gradient[i]! < 0;
  if (point[i]! >= box.upper[i]!) return gradient[i]! > 0;
  return true;
}

function freeNorm(point: Float64Array, gradient: Float64Array, box: Box): number {
  return gradient.reduce(
    (norm, slope, i) => (isFree(point, gradient, box, i) ? Math.max(norm, Math.abs(slope)) : norm),
    0,
  );
}

/** Minus inverse Hessian times gradient over the free coordinates; undefined where that does not descend. */
function descentDirection(
  inverse: Float64Array,
  point: Float64Array,
  gradient: Float64Array,
  box: Box,
): Float64Array | undefined {
  const size = point.length;
  const free = Array.from(point, (_, i) => isFree(point, gradient, box, i));
  const direction = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    if (!free[i]) continue;
    for (let j = 0; j < size; j++) if (free[j]) direction[i]! -= inverse[i * size + j]! * gradient[j]!;
  }
  const longest = direction.reduce((max, step) => Math.max(max, Math.abs(step)), 0);
  if (longest > MAX_STEP) direction.forEach((step, i) => (direction[i] = (step * MAX_STEP) / longest));
  return dot(direction, gradient) < 0 ? direction : undefined;
}

function lineSearch(
  objective: Objective,
  point: Float64Array,
  value: number,
  gradient: Float64Array,
  direction: Float64Array,
  box: Box,
): { point: Float64Array; value: number; gradient: Float64Array } | undefined {
  for (let step = 1; step > 1e-10; step /= 2) {
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

/** The BFGS update, in place; skipped (false) where the curvature along the step is not positive. */
function updateInverse(
  inverse: Float64Array,
  from: Float64Array,
  fromGradient: Float64Array,
  to: Float64Array,
  toGradient: Float64Array,
  fresh: boolean,
): boolean {
  const size = from.length;
  const step = to.map((coordinate, i) => coordinate - from[i]!);
  const change = toGradient.map((slope, i) => slope - fromGradient[i]!);
  const curvature = dot(step, change);
  if (!(curvature > 1e-14 * Math.sqrt(dot(step, step) * dot(change, change)))) return false;
  // The first step knows no curvature: scale the identity to it before the update.
  if (fresh) for (let i = 0; i < size; i++) inverse[i * size + i] = curvature / dot(change, change);
  const product = change.map((_, i) => dot(inverse.subarray(i * size, (i + 1) * size), change));
  const scale = (1 + dot(change, product) / curvature) / curvature;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      inverse[i * size + j]! +=
        scale * step[i]! * step[j]! - (product[i]! * step[j]! + step[i]! * product[j]!) / curvature;
    }
  }
  return true;
}

function dot(left: Float64Array, right: Float64Array): number {
  return left.reduce((sum, value, i) => sum + value * right[i]!, 0);
}
