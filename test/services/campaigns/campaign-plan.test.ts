import { describe, expect, it } from 'vitest';
import { reachOf } from '../../../src/services/campaigns/campaign-plan.js';

describe('the reach of a campaign', () => {
  it.each([
    [0.3, 3],
    [0.29, 2],
    [0, 0],
    [null, Number.MAX_SAFE_INTEGER],
  ])('of a budget of %s is the contacts that it pays for, binary fractions or not', (budget, affordable) => {
    expect(reachOf({ contactCost: 0.1, margin: 0.5, uplift: 0.1, budget }).affordable).toBe(affordable);
  });
});
