import { describe, expect, it } from 'vitest';
import type { CampaignOffer } from '../../../src/services/campaigns/campaign-plan.js';
import { campaignUncertainty } from '../../../src/services/campaigns/campaign-uncertainty.js';
import type { TotalSpend } from '../../../src/services/totals/total-spend.js';
import { totalOf } from '../totals/moments.js';

const offer = { contactCost: 2, margin: 0.5, uplift: 0.1 };

const interval = async (total: TotalSpend, level: number, given: CampaignOffer = offer) =>
  (await campaignUncertainty(total, given)).intervals.find((each) => each.level === level)!;

describe('campaignUncertainty', () => {
  it('is the quantiles of one customer who surely buys', async () => {
    // A lognormal: exp(5 ± 1.2816 * 0.5) for 80 %, of which a tenth is incremental and half of that is kept.
    const { revenueLower, revenueUpper, profitLower } = await interval(
      totalOf([{ probability: 1, mu: 5, sigma: 0.5 }], 1),
      0.8,
    );
    expect(revenueLower / (0.1 * Math.exp(5 - 0.5 * 1.28155))).toBeCloseTo(1, 1);
    expect(revenueUpper / (0.1 * Math.exp(5 + 0.5 * 1.28155))).toBeCloseTo(1, 1);
    expect(profitLower).toBeCloseTo(0.5 * revenueLower - 2, 1);
  });

  it('says how probable a profit is', async () => {
    // It takes a spend of 40 = 2 / (0.5 * 0.1). Who buys at all, spends more: exp(4) is 54.6.
    const certain = { probability: 0.3, mu: 4, sigma: 0.01 };
    const { probabilityOfProfit, intervals } = await campaignUncertainty(totalOf([certain], 1), offer);
    expect(probabilityOfProfit).toBeCloseTo(0.3, 1);
    expect(intervals[0]).toMatchObject({
      level: 0.8,
      revenueLower: 0,
      profitLower: -2,
      revenueUpper: expect.closeTo(5.46, 1),
    });
    expect(intervals[0]!.profitUpper).toBeCloseTo(0.5 * 5.46 - 2, 1);
    // A revenue of 2.7 pays for the contact, but not the half of it that is kept.
    const meagre = totalOf([{ probability: 1, mu: 3.3, sigma: 0.01 }], 1);
    expect((await campaignUncertainty(meagre, offer)).probabilityOfProfit).toBe(0);
  });

  it('has all customers share one uplift', async () => {
    // Ten thousand customers vary next to nothing together; the uplift of 2 to 18 % does.
    const customers = Array.from({ length: 10_000 }, () => ({ probability: 0.5, mu: 3, sigma: 0.5 }));
    const total = totalOf(customers, 100);
    const { revenueLower, revenueUpper } = await interval(total, 0.95, {
      ...offer,
      upliftInterval: { lower: 0.02, upper: 0.18 },
    });
    expect(revenueLower / total.mean).toBeCloseTo(0.02, 2);
    expect(revenueUpper / total.mean).toBeCloseTo(0.18, 2);
  });

  it('keeps to an interval of the uplift that is not symmetric', async () => {
    const customers = Array.from({ length: 10_000 }, () => ({ probability: 0.5, mu: 3, sigma: 0.5 }));
    const total = totalOf(customers, 100);
    const uneven = (lower: number, upper: number) =>
      interval(total, 0.95, { ...offer, upliftInterval: { lower, upper } });
    expect((await uneven(0.09, 0.3)).revenueLower / total.mean).toBeCloseTo(0.09, 2);
    expect((await uneven(0.09, 0.3)).revenueUpper / total.mean).toBeCloseTo(0.3, 1);
    // Nobody can be kept from spending more than everything.
    expect((await uneven(-1, 10)).revenueLower / total.mean).toBeGreaterThan(-1.05);
  });

  it('is the same each time, and nothing where nobody is contacted', async () => {
    const total = totalOf([{ probability: 0.5, mu: 3, sigma: 1 }], 1, 0.1);
    expect(await campaignUncertainty(total, offer)).toEqual(await campaignUncertainty(total, offer));
    const none = await campaignUncertainty(totalOf([], 0, 0.1), offer);
    expect(none.probabilityOfProfit).toBe(0);
    for (const { revenueLower, profitUpper } of none.intervals) expect([revenueLower, profitUpper]).toEqual([0, 0]);
  });
});
