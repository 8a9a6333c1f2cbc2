import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/random.js';
import type { CampaignOffer } from '../../../src/services/campaigns/campaign-plan.js';
import {
  campaignUncertainty,
  type SpendDistribution,
  type TotalSpend,
} from '../../../src/services/campaigns/campaign-uncertainty.js';
import { momentsOf } from './moments.js';

const offer = { contactCost: 2, margin: 0.5, uplift: 0.1 };
const surely = 0;

function totalOf(customers: readonly SpendDistribution[], simulated: number): TotalSpend {
  const sorted = customers.toSorted((a, b) => momentsOf(b).variance - momentsOf(a).variance);
  const sum = (value: 'mean' | 'variance') =>
    customers.reduce((total, customer) => total + momentsOf(customer)[value], 0);
  return {
    contacted: customers.length,
    simulated: sorted.slice(0, simulated),
    mean: sum('mean'),
    variance: sum('variance'),
  };
}

const interval = (total: TotalSpend, level: number, given: CampaignOffer = offer) =>
  campaignUncertainty(total, given, surely).intervals.find((each) => each.level === level)!;

describe('campaignUncertainty', () => {
  it('is the quantiles of one customer who surely buys', () => {
    // A lognormal: exp(5 ± 1.2816 * 0.5) for 80 %, of which a tenth is incremental and half of that is kept.
    const { revenueLower, revenueUpper, profitLower } = interval(
      totalOf([{ probability: 1, mu: 5, sigma: 0.5 }], 1),
      0.8,
    );
    expect(revenueLower / (0.1 * Math.exp(5 - 0.5 * 1.28155))).toBeCloseTo(1, 1);
    expect(revenueUpper / (0.1 * Math.exp(5 + 0.5 * 1.28155))).toBeCloseTo(1, 1);
    expect(profitLower).toBeCloseTo(0.5 * revenueLower - 2, 1);
  });

  it('says how probable a profit is', () => {
    // It takes a spend of 40 = 2 / (0.5 * 0.1). Who buys at all, spends more: exp(4) is 54.6.
    const certain = { probability: 0.3, mu: 4, sigma: 0.01 };
    const { probabilityOfProfit, intervals } = campaignUncertainty(totalOf([certain], 1), offer, surely);
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
    expect(campaignUncertainty(meagre, offer, surely).probabilityOfProfit).toBe(0);
  });

  it('takes the many who vary less together, as if each were drawn', () => {
    const random = new Random(3);
    const customers = Array.from({ length: 4_000 }, () => ({
      probability: 0.6 * random.uniform(),
      mu: random.normal(3, 1),
      sigma: 1,
    }));
    const each = interval(totalOf(customers, customers.length), 0.95);
    const together = interval(totalOf(customers, 1_000), 0.95);
    const mean = 0.1 * totalOf(customers, 0).mean;
    expect(together.revenueLower / mean).toBeCloseTo(each.revenueLower / mean, 1);
    expect(together.revenueUpper / mean).toBeCloseTo(each.revenueUpper / mean, 1);
    expect(each.revenueUpper - each.revenueLower).toBeLessThan(0.5 * mean);
  });

  it('is about as wide, however many are drawn one by one', () => {
    const customers = Array.from({ length: 400 }, () => ({ probability: 1, mu: 3, sigma: 0.3 }));
    const width = (simulated: number) => {
      const { revenueLower, revenueUpper } = interval(totalOf(customers, simulated), 0.95);
      return revenueUpper - revenueLower;
    };
    expect(width(100) / width(400)).toBeGreaterThan(0.85);
    expect(width(100) / width(400)).toBeLessThan(1.15);
  });

  it('has all customers share one uplift', () => {
    // Ten thousand customers vary next to nothing together; the uplift of 2 to 18 % does.
    const customers = Array.from({ length: 10_000 }, () => ({ probability: 0.5, mu: 3, sigma: 0.5 }));
    const total = totalOf(customers, 100);
    const { revenueLower, revenueUpper } = interval(total, 0.95, {
      ...offer,
      upliftInterval: { lower: 0.02, upper: 0.18 },
    });
    expect(revenueLower / total.mean).toBeCloseTo(0.02, 2);
    expect(revenueUpper / total.mean).toBeCloseTo(0.18, 2);
  });

  it('has all customers share one level', () => {
    const customers = Array.from({ length: 10_000 }, () => ({ probability: 0.5, mu: 3, sigma: 0.5 }));
    const total = totalOf(customers, 100);
    const { intervals } = campaignUncertainty(total, offer, 0.1);
    const logs = intervals.map(({ revenueLower, revenueUpper }) =>
      [revenueLower, revenueUpper].map((bound) => Math.log(bound / (0.1 * total.mean))),
    );
    // Student's t with two degrees of freedom is within 1.89 in 80 % and within 4.30 in 95 % of all cases.
    expect(logs[0]![0]).toBeCloseTo(-0.189, 1);
    expect(logs[0]![1]).toBeCloseTo(0.189, 1);
    expect(logs[1]![0]).toBeCloseTo(-0.43, 1);
    expect(logs[1]![1]).toBeCloseTo(0.43, 1);
  });

  it('keeps to an interval of the uplift that is not symmetric', () => {
    const customers = Array.from({ length: 10_000 }, () => ({ probability: 0.5, mu: 3, sigma: 0.5 }));
    const total = totalOf(customers, 100);
    const uneven = (lower: number, upper: number) =>
      interval(total, 0.95, { ...offer, upliftInterval: { lower, upper } });
    expect(uneven(0.09, 0.3).revenueLower / total.mean).toBeCloseTo(0.09, 2);
    expect(uneven(0.09, 0.3).revenueUpper / total.mean).toBeCloseTo(0.3, 1);
    // Nobody can be kept from spending more than everything.
    expect(uneven(-1, 10).revenueLower / total.mean).toBeGreaterThan(-1.05);
  });

  it('is the same each time, and nothing where nobody is contacted', () => {
    const total = totalOf([{ probability: 0.5, mu: 3, sigma: 1 }], 1);
    expect(campaignUncertainty(total, offer, 0.1)).toEqual(campaignUncertainty(total, offer, 0.1));
    const none = campaignUncertainty({ contacted: 0, simulated: [], mean: 0, variance: 0 }, offer, 0.1);
    expect(none.probabilityOfProfit).toBe(0);
    for (const { revenueLower, profitUpper } of none.intervals) expect([revenueLower, profitUpper]).toEqual([0, 0]);
  });
});
