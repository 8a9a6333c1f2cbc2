import { describe, expect, it } from 'vitest';
import { type CampaignCell, outcomeOf } from '../../../src/services/campaigns/campaign-outcome.js';
import { type CampaignPlan, reachOf } from '../../../src/services/campaigns/campaign-plan.js';

describe('the reach of a campaign', () => {
  it.each([
    [0.3, 3],
    [0.29, 2],
    [0, 0],
    [1e15, Number.MAX_SAFE_INTEGER],
    [null, Number.MAX_SAFE_INTEGER],
  ])('of a budget of %s is the contacts that it pays for, binary fractions or not', (budget, affordable) => {
    expect(reachOf({ contactCost: 0.1, margin: 0.5, uplift: 0.1, budget }).affordable).toBe(affordable);
  });

  it.each([
    { margin: 0, uplift: 0.1 },
    { margin: 0.5, uplift: 0 },
  ])('has nobody who is worth a contact where contacts bring nothing: %o', (terms) => {
    expect(reachOf({ contactCost: 0.1, ...terms }).breakEvenClv).toBe(Infinity);
  });

  it.each([
    [-1, 10],
    [0.1, 0.1],
  ])('takes an uplift of 0.1 that was measured as %s to %s', (lower, upper) => {
    const offer = { contactCost: 0.1, margin: 0.5, uplift: 0.1 };
    expect(reachOf({ ...offer, upliftInterval: { lower, upper } })).toEqual(reachOf(offer));
  });

  it.each([
    [-1.1, 0.2],
    [0, 10.1],
    [0.11, 0.2],
    [0, 0.09],
  ])('refuses an uplift of 0.1 that was measured as %s to %s', (lower, upper) => {
    const refused = () => reachOf({ contactCost: 0.1, margin: 0.5, uplift: 0.1, upliftInterval: { lower, upper } });
    expect(refused).toThrow('must lie in -1 to 10 and hold "uplift", which is 0.1');
  });
});

describe('the outcome of a campaign', () => {
  const offer = { contactCost: 0.001, margin: 0.5, uplift: 0.1 };
  const plan: CampaignPlan = {
    period: { modelId: '1', horizonDays: 365, asOf: new Date('2026-01-01T00:00:00Z') },
    filter: null,
    offer,
    currency: 'EUR',
    reach: reachOf(offer),
  };
  const cellOf = (contacted: number, predicted: number): CampaignCell => ({
    customers: contacted,
    predicted,
    contacted,
    contactedPredicted: predicted,
    profitable: contacted,
    breakEvenDepth: contacted,
    marginalId: null,
    marginalPredicted: null,
  });

  it.each([
    [4, 80, 999],
    [12, 225.12, 937],
  ])(
    'of contacts that cost fractions of a cent: %s with customers of %s return %s',
    (contacted, predicted, returned) => {
      const { returnOnInvestment } = outcomeOf(plan, [cellOf(contacted, predicted)]);
      expect(returnOnInvestment).toBeCloseTo(returned, 6);
    },
  );

  it('has no return where nothing is paid', () => {
    expect(outcomeOf(plan, [cellOf(0, 0)]).returnOnInvestment).toBeNull();
    const free = { ...plan, offer: { ...offer, contactCost: 0 } };
    expect(outcomeOf(free, [cellOf(4, 80)]).returnOnInvestment).toBeNull();
  });
});
