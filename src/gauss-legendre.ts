/** A quadrature rule on [0, 1]. */
interface Quadrature {
  readonly nodes: readonly number[];
  /** Their sum is 1. */
  readonly weights: readonly number[];
}

const cache = new Map<number, Quadrature>();

/**
 * Gauss-Legendre quadrature on [0, 1], exact for polynomials of degree 2 n - 1. Nodes are the roots of the Legendre
 * polynomial, found by Newton's method from Chebyshev's approximation (Press et al., Numerical Recipes, section 4.6).
 */
export function gaussLegendre(n: number): Quadrature {
  const known = cache.get(n);
  if (known) return known;
  const nodes: number[] = [];
  const weights: number[] = [];
  for (let i = 0; i < n; i++) {
    const root = legendreRoot(n, Math.cos((Math.PI * (n - i - 0.25)) / (n + 0.5)));
    const { derivative } = legendre(n, root);
    nodes.push((root + 1) / 2);
    weights.push(1 / ((1 - root * root) * derivative * derivative));
  }
  const rule = { nodes, weights };
  cache.set(n, rule);
  return rule;
}

function legendreRoot(n: number, start: number): number {
  let x = start;
  for (let iteration = 0; iteration < 100; iteration++) {
    const { value, derivative } = legendre(n, x);
    const step = value / derivative;
    x -= step;
    if (Math.abs(step) < 1e-15) break;
  }
  return x;
}

/** P_n(x) by the three-term recurrence, and its derivative. */
function legendre(n: number, x: number): { value: number; derivative: number } {
  let previous = 1;
  let value = x;
  for (let k = 2; k <= n; k++) {
    [previous, value] = [value, ((2 * k - 1) * x * value - (k - 1) * previous) / k];
  }
  return { value, derivative: (n * (x * value - previous)) / (x * x - 1) };
}
