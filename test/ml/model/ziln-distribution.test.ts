import { describe, expect, it } from 'vitest';
import { normalCdf } from '../../../bench/quality/metrics/normal-cdf.js';
import { logit } from '../../../src/math.js';
import { zilnInterval, zilnMean, zilnQuantile } from '../../../src/ml/model/ziln-distribution.js';
import { Random } from '../../../src/random.js';

describe('zero-inflated lognormal', () => {
  const parameters = { logit: logit(0.4), mu: 3, sigma: 0.8 };

  it('has the mean p * exp(mu + sigma^2 / 2)', () => {
    expect(zilnMean(parameters)).toBeCloseTo(0.4 * Math.exp(3.32), 10);
  });

  it('is 0 up to the probability of no purchase, then follows the lognormal', () => {
    expect(zilnQuantile(parameters, 0.59)).toBe(0);
    expect(zilnQuantile(parameters, 0.8)).toBeCloseTo(Math.exp(3), 8);
    for (const level of [0.61, 0.7, 0.95, 0.999]) {
      const standard = (Math.log(zilnQuantile(parameters, level)) - 3) / 0.8;
      expect(0.6 + 0.4 * normalCdf(standard)).toBeCloseTo(level, 12);
    }
  });

  it('covers what it says it covers', () => {
    const random = new Random(1);
    const likely = { logit: logit(0.97), mu: 1, sigma: 0.5 };
    const { lower, upper } = zilnInterval(likely, 0.8);
    let [inside, sum] = [0, 0];
    for (let i = 0; i < 50_000; i++) {
      const value = random.uniform() < 0.97 ? Math.exp(random.normal(1, 0.5)) : 0;
      sum += value;
      if (value >= lower && value <= upper) inside++;
    }
    expect(inside / 50_000).toBeCloseTo(0.8, 2);
    expect(sum / 50_000 / zilnMean(likely)).toBeCloseTo(1, 1);
  });

  it('holds no more than it says where no purchase is likely: it starts at 0 and ends at the quantile of its level', () => {
    expect(zilnInterval(parameters, 0.8)).toEqual({ lower: 0, upper: zilnQuantile(parameters, 0.8) });
    expect(zilnInterval({ ...parameters, logit: logit(0.1) }, 0.8)).toEqual({ lower: 0, upper: 0 });
  });

  it('stays a number at the extremes of the logit', () => {
    expect(zilnInterval({ logit: -800, mu: 2, sigma: 1 }, 0.9)).toEqual({ lower: 0, upper: 0 });
    expect(zilnInterval({ logit: 800, mu: 2, sigma: 1 }, 0.9).upper).toBeCloseTo(Math.exp(2 + 1.6448536269514722), 8);
  });
});
