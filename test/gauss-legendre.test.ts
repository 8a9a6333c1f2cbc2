import { describe, expect, it } from 'vitest';
import { gaussLegendre } from '../src/gauss-legendre.js';

const integral = (n: number, f: (x: number) => number) => {
  const { nodes, weights } = gaussLegendre(n);
  return nodes.reduce((sum, x, i) => sum + weights[i]! * f(x), 0);
};

describe('Gauss-Legendre quadrature on [0, 1]', () => {
  it('has the published nodes and weights for three points', () => {
    const { nodes, weights } = gaussLegendre(3);
    expect(nodes[0]).toBeCloseTo(0.5 - Math.sqrt(0.15), 14);
    expect(nodes[1]).toBeCloseTo(0.5, 14);
    expect(weights.map((weight) => weight * 18)).toEqual([5, 8, 5].map((w) => expect.closeTo(w, 12)));
  });

  it.each([1, 2, 5, 16, 64, 300])('with %i points is exact for polynomials of degree 2 n - 1', (n) => {
    const degree = Math.min(2 * n - 1, 60);
    expect(integral(n, (x) => x ** degree)).toBeCloseTo(1 / (degree + 1), 12);
    expect(integral(n, () => 1)).toBeCloseTo(1, 12);
  });

  it('integrates a smooth function', () => {
    expect(integral(8, Math.exp)).toBeCloseTo(Math.E - 1, 12);
  });
});
