import { describe, expect, it } from 'vitest';
import { binomialCdf, digamma, logGamma, logit, normalQuantile, sigmoid } from '../src/math.js';

/** Relative where the figure is large, absolute where it is small. */
function error(actual: number, expected: number): number {
  return Math.abs(actual - expected) / Math.max(1, Math.abs(expected));
}

// Reference figures: mpmath with 40 digits.
describe('special functions', () => {
  it.each([
    [1e-3, 6.907178885383853, -1000.5755719318103],
    [0.25, 1.2880225246980774, -4.2274535333762655],
    [0.5, 0.5723649429247001, -1.9635100260214235],
    [1, 0, -0.5772156649015329],
    [2.5, 0.2846828704729192, 0.7031566406452432],
    [7, 6.579251212010101, 1.8727843350984672],
    [11.9, 17.25847745059552, 2.4339335368825377],
    [12, 17.502307845873887, 2.442661679975812],
    [150.3, 601.5119608335364, 5.0093029278686565],
    [1e5, 1051287.7089736569, 11.512920464961896],
  ])('logGamma and digamma of %d', (x, gamma, psi) => {
    expect(error(logGamma(x), gamma)).toBeLessThanOrEqual(2e-15);
    expect(error(digamma(x), psi)).toBeLessThanOrEqual(1e-14);
  });

  it.each([
    [1e-300, -37.0470962993612],
    [1e-20, -9.262340089798407],
    [1e-8, -5.612001244174789],
    [0.001, -3.0902323061678136],
    [0.07, -1.4757910281791708],
    [0.08, -1.4050715603096327],
    [0.3, -0.5244005127080408],
    [0.5, 0],
    [0.9, 1.2815515655446004],
    [0.975, 1.9599639845400543],
  ])('normalQuantile(%d)', (p, expected) => {
    expect(error(normalQuantile(p), expected)).toBeLessThanOrEqual(4e-15);
  });

  it('keeps the ends finite or infinite as they are, never NaN', () => {
    expect([normalQuantile(0), normalQuantile(1)]).toEqual([-Infinity, Infinity]);
    expect([sigmoid(-800), sigmoid(800)]).toEqual([0, 1]);
  });

  it.each([
    [2, 3, 0.5, 0.875],
    [0, 28, 0.1, 0.0523347633027361],
    [12, 20, 0.7, 0.227728],
    [3, 3, 0.7, 1],
  ])('binomialCdf(%d, %d, %d)', (successes, trials, p, expected) => {
    expect(binomialCdf(successes, trials, p)).toBeCloseTo(expected, 6);
  });

  it('logit undoes sigmoid', () => {
    for (const x of [-30, -2, 0, 0.5, 10]) expect(logit(sigmoid(x))).toBeCloseTo(x, 10);
  });
});
