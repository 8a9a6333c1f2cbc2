import { mean, quantile as quantileOfSorted } from '../../../src/math.js';
import { Random } from '../../../src/random.js';

/** Coalitions of players are bit masks: bit i stands for player i. */
export type Coalition = number;

export const everyone = (players: number): Coalition => (1 << players) - 1;

/** Coalitions along the removal of players in this order, the full one first. */
export function deletionPath(order: readonly number[]): Coalition[] {
  return walk(everyone(order.length), order, (coalition, player) => coalition & ~(1 << player));
}

/** Coalitions along the addition of players in this order, the empty one first. */
export function insertionPath(order: readonly number[]): Coalition[] {
  return walk(0, order, (coalition, player) => coalition | (1 << player));
}

function walk(start: Coalition, order: readonly number[], step: (from: Coalition, player: number) => Coalition) {
  const path = [start];
  for (const player of order) path.push(step(path.at(-1)!, player));
  return path;
}

/** Players by falling amount: those that raise the prediction most first, those that lower it most last. */
export function orderByAmount(amounts: ArrayLike<number>): number[] {
  return Array.from(amounts, (_, player) => player).sort((a, b) => amounts[b]! - amounts[a]! || a - b);
}

/** Area under a curve over [0, 1], trapezoids between equally spaced points. */
export function areaUnderCurve(values: readonly number[]): number {
  const steps = values.length - 1;
  let area = 0;
  for (let i = 0; i < steps; i++) area += (values[i]! + values[i + 1]!) / 2;
  return area / steps;
}

/**
 * Shapley values by their definition (Shapley 1953): each player's marginal value averaged over all coalitions of the
 * others, with weight |S|! (n - |S| - 1)! / n!. Takes 2^n values.
 */
export function shapleyValues(players: number, value: (coalition: Coalition) => number): Float64Array {
  const weights = Array.from({ length: players }, (_, size) => 1 / (players * choose(players - 1, size)));
  const values = Float64Array.from({ length: 1 << players }, (_, coalition) => value(coalition));
  return Float64Array.from({ length: players }, (_, player) => {
    let share = 0;
    for (let coalition = 0; coalition < values.length; coalition++) {
      if (coalition & (1 << player)) continue;
      share += weights[size(coalition)]! * (values[coalition | (1 << player)]! - values[coalition]!);
    }
    return share;
  });
}

function choose(n: number, k: number): number {
  let result = 1;
  for (let i = 1; i <= k; i++) result = (result * (n - k + i)) / i;
  return result;
}

function size(coalition: Coalition): number {
  let bits = 0;
  for (let rest = coalition; rest > 0; rest &= rest - 1) bits++;
  return bits;
}

/** What removing some players was said to take away, and what it took. */
export interface RemovalSample {
  readonly attributed: number;
  readonly drop: number;
}

interface Infidelity {
  /** E[(Iᵀ Φ(x) - (f(x) - f(x - I)))²], in squared units of f. */
  readonly value: number;
  /** The same over E[(f(x) - f(x - I))²]: 0 is perfect, 1 is no better than attributing nothing. */
  readonly relative: number;
}

/**
 * Infidelity (Yeh, Hsieh, Suggala, Inouye & Ravikumar 2019, definition 2.1; Captum's `infidelity` for attributions that
 * are effects, not gradients: there the perturbation is the binary mask of what is removed).
 */
export function infidelity(samples: readonly RemovalSample[]): Infidelity {
  const value = mean(samples.map(({ attributed, drop }) => (attributed - drop) ** 2));
  const scale = mean(samples.map(({ drop }) => drop ** 2));
  return { value, relative: scale > 0 ? value / scale : 0 };
}

/** A random set to remove: each player with probability 1/2, never none. */
export function randomRemoval(players: number, random: Random): Coalition {
  for (;;) {
    const removed = random.integer(1 << players);
    if (removed !== 0) return removed;
  }
}

/** max over perturbed explanations of ‖Φ(x + ε) - Φ(x)‖ / ‖Φ(x)‖ (Yeh et al. 2019, definition 2.3, relative as in Captum). */
export function sensitivityMax(explanation: readonly number[], perturbed: readonly (readonly number[])[]): number {
  const norm = Math.hypot(...explanation);
  if (norm === 0) return 0;
  return Math.max(...perturbed.map((other) => Math.hypot(...other.map((value, i) => value - explanation[i]!)) / norm));
}

export interface Estimate {
  readonly value: number;
  /** 95 % percentile interval. */
  readonly lower: number;
  readonly upper: number;
}

const draws = 1_000;

/** A statistic of customers, by default their mean, with its percentile bootstrap interval (Efron & Tibshirani 1993). */
export function estimate(
  values: readonly number[],
  seed: string,
  statistic: (values: readonly number[]) => number = mean,
): Estimate {
  const random = new Random(seed);
  const drawn = Array.from({ length: draws }, () =>
    statistic(values.map(() => values[random.integer(values.length)]!)),
  );
  return { value: statistic(values), lower: quantile(drawn, 0.025), upper: quantile(drawn, 0.975) };
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function quantile(values: readonly number[], level: number): number {
  return quantileOfSorted(Float64Array.from(values).sort(), level);
}
