import { describe, expect, it } from 'vitest';
import { logit, normalQuantile, sigmoid } from '../../../../src/math.js';
import { zilnCrps, zilnLogLikelihood } from '../../../../bench/quality/metrics/ziln-scores.js';

const forecast = { logit: logit(0.4), mu: 3, sigma: 0.8 };

/** The integral of (F(x) - 1{x >= y})², by its quantile form: 2 times the mean pinball loss over all levels. */
function crpsByQuantiles(actual: number): number {
  const levels = 200_000;
  let sum = 0;
  for (let i = 0; i < levels; i++) {
    const level = (i + 0.5) / levels;
    const none = 1 - sigmoid(forecast.logit);
    const quantile =
      level <= none ? 0 : Math.exp(forecast.mu + forecast.sigma * normalQuantile((level - none) / (1 - none)));
    sum += actual < quantile ? (1 - level) * (quantile - actual) : level * (actual - quantile);
  }
  return (2 * sum) / levels;
}

describe('continuous ranked probability score', () => {
  it.each([-15, 0, 0.01, 8, 20, 400])('is the mean pinball loss, twice, at %d', (actual) => {
    expect(zilnCrps(forecast, actual)).toBeCloseTo(crpsByQuantiles(actual), 2);
  });

  it('is the absolute error where nothing is left to chance', () => {
    expect(zilnCrps({ logit: 40, mu: Math.log(30), sigma: 1e-6 }, 42)).toBeCloseTo(12, 3);
    expect(zilnCrps({ logit: -40, mu: 3, sigma: 1 }, 42)).toBeCloseTo(42, 10);
  });
});

describe('log-likelihood', () => {
  it('works out by hand', () => {
    expect(zilnLogLikelihood(forecast, 0)).toBeCloseTo(Math.log(0.6), 12);
    expect(zilnLogLikelihood(forecast, -5)).toBeCloseTo(Math.log(0.6), 12);
    // At the median of buyers, e^3, the density is 1 / (e^3 * 0.8 * sqrt(2 pi)).
    const atMedian = Math.log(0.4 / (Math.exp(3) * 0.8 * Math.sqrt(2 * Math.PI)));
    expect(zilnLogLikelihood(forecast, Math.exp(3))).toBeCloseTo(atMedian, 12);
  });

  it('stays finite for the surest of forecasts', () => {
    expect(zilnLogLikelihood({ logit: 800, mu: 3, sigma: 1 }, 0)).toBe(-800);
  });
});
