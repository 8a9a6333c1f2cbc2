import { describe, expect, it } from 'vitest';
import { learnPriorForm } from '../../../../src/ml/features/prior/learn-prior-form.js';
import { Random } from '../../../../src/random.js';
import { CDNOW_PRIOR, fitted, simulateShop } from './shops.js';

const asOf = new Date('1997-10-01');

describe('the form of the priors', () => {
  // Often bought, so that a single purchase tells of who left after it.
  const weekly = { ...CDNOW_PRIOR, r: 2, alpha: 6, a: 0.8, b: 2.4 };

  it.each([false, true])('has customers leave at first where they do: %s', (leavesAtFirst) => {
    const shop = simulateShop({ ...weekly, leavesAtFirst }, 3_000, 300, new Random('leavers'));
    const form = learnPriorForm({ columns: shop, repeats: [], asOf });
    expect(form).toEqual({
      season: null,
      pace: null,
      earlyGain: 0,
      leavesAtFirst,
      logNormalValues: false,
      tellsNewcomers: false,
    });
    const { parameters } = fitted(shop, { ...form, asOf });
    expect(parameters.leavesAtFirst).toBe(leavesAtFirst);
    expect(parameters.a / (parameters.a + parameters.b)).toBeCloseTo(0.25, 1);
  });

  it('has customers leave with time where they do', () => {
    const shop = { ...weekly, a: 1.5, b: 20, leavesWithTime: true };
    const seen = simulateShop(shop, 3_000, 600, new Random('with time'));
    const form = learnPriorForm({ columns: seen, repeats: [], asOf });
    expect(form.leavesWithTime).toBe(true);
    const { parameters, warnings } = fitted(seen, { ...form, asOf });
    expect(warnings).toEqual([]);
    expect(parameters.leavesWithTime).toBe(true);
    for (const name of ['r', 'alpha', 'a', 'b'] as const) {
      expect(parameters[name] / shop[name]).toBeGreaterThan(0.75);
      expect(parameters[name] / shop[name]).toBeLessThan(1.33);
    }
  });

  it('is plain where a few customers cannot tell, or it hardly matters', () => {
    const few = simulateShop({ ...weekly, leavesAtFirst: true }, 40, 300, new Random('b'));
    const slow = simulateShop({ ...CDNOW_PRIOR, leavesAtFirst: true }, 3_000, 300, new Random('few'));
    for (const shop of [few, slow])
      expect(learnPriorForm({ columns: shop, repeats: [], asOf }).leavesAtFirst).toBe(false);
  });
});
