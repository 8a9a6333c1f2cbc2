import { describe, expect, it } from 'vitest';
import { studentQuantile } from '../../../src/math.js';
import { Random } from '../../../src/random.js';
import {
  campaignEffect,
  type CampaignEffect,
  type GroupSpend,
} from '../../../src/services/campaigns/campaign-effect.js';

interface Spender {
  readonly predicted: number;
  readonly spend: number;
}

const terms = { contactCost: 1, margin: 0.4 };

function groupOf(customers: readonly Spender[]): GroupSpend {
  const n = customers.length;
  const mean = (of: (each: Spender) => number) => customers.reduce((sum, each) => sum + of(each), 0) / n;
  const meanSpend = mean(({ spend }) => spend);
  const meanPredicted = mean(({ predicted }) => predicted);
  const sample = (of: (each: Spender) => number) => (mean(of) * n) / (n - 1);
  return {
    customers: n,
    buyers: customers.filter(({ spend }) => spend > 0).length,
    meanSpend,
    varianceSpend: sample(({ spend }) => (spend - meanSpend) ** 2),
    meanPredicted,
    variancePredicted: sample(({ predicted }) => (predicted - meanPredicted) ** 2),
    covariance: sample(({ spend, predicted }) => (spend - meanSpend) * (predicted - meanPredicted)),
  };
}

/** One more was contacted, and erased since. */
function effectOf(contacted: readonly Spender[], control: readonly Spender[]): CampaignEffect {
  const groups = { contacted: groupOf(contacted), control: groupOf(control) };
  return campaignEffect({ ...groups, contacts: contacted.length + 1, ...terms });
}

describe('the quantile of Student’s t', () => {
  it.each([
    [1, 12.7062047, 1e-8],
    [2, 4.30265273, 1e-8],
    [3, 3.1824463, 2e-3],
    [5, 2.5706, 1e-3],
    [30, 2.0423, 1e-4],
    [1e9, 1.96, 1e-4],
  ])('at %s degrees of freedom is that of the tables', (degrees, quantile, off) => {
    expect(Math.abs(studentQuantile(0.975, degrees) / quantile - 1)).toBeLessThan(off);
    expect(studentQuantile(0.025, degrees)).toBeCloseTo(-studentQuantile(0.975, degrees), 9);
  });
});

describe('the effect of a campaign', () => {
  it('is Student’s where predictions say nothing', () => {
    const spends = (...amounts: number[]): Spender[] => amounts.map((spend) => ({ spend, predicted: 5 }));
    const effect = effectOf(spends(10, 0, 30, 0, 25), spends(5, 0, 10));
    // t.test(c(10, 0, 30, 0, 25), c(5, 0, 10), var.equal = TRUE) of R.
    expect(effect.spendPerCustomer).toEqual({ value: 8, lower: -13.02, upper: 29.02 });
    expect(effect.incrementalRevenue.value).toBe(48);
    expect(effect.incrementalProfit.value).toBe(13.2);
    expect(effect.returnOnInvestment?.value).toBeCloseTo(13.2 / 6, 9);
    expect(effect.uplift).toBeNull();
  });

  it('is that of an analysis of covariance', () => {
    const spenders = (...pairs: [predicted: number, spend: number][]): Spender[] =>
      pairs.map(([predicted, spend]) => ({ predicted, spend }));
    const effect = effectOf(
      spenders([10, 130], [20, 210], [35, 300], [41, 420], [60, 640]),
      spenders([12, 110], [22, 230], [30, 280], [55, 500]),
    );
    // As least squares of the spend on group and prediction have it, with 6 degrees of freedom; Fieller's of their covariances.
    const { value, lower, upper } = effect.spendPerCustomer;
    for (const [found, expected] of [
      [value, 26.787],
      [lower, -27.129],
      [upper, 80.703],
    ])
      expect(found).toBeCloseTo(expected!, 1);
    expect(effect.uplift!.value).toBeCloseTo(0.08975, 5);
    expect(effect.uplift!.lower).toBeCloseTo(-0.08275, 4);
    expect(effect.uplift!.upper).toBeCloseTo(0.30249, 4);
  });

  it('holds what it says among the fewest customers, too', () => {
    const random = new Random('fewest');
    const drawn = (n: number): Spender[] =>
      Array.from({ length: n }, () => {
        const predicted = 100 + random.normal(0, 10);
        return { predicted, spend: predicted + random.normal(0, 10) };
      });
    const holds = Array.from({ length: 1_000 }, () => effectOf(drawn(2), drawn(2)).spendPerCustomer).filter(
      ({ lower, upper }) => lower <= 0 && upper >= 0,
    );
    expect(holds.length / 1_000).toBeGreaterThan(0.93);
  });

  it('takes no rounding of predictions that are all the same for a difference between customers', () => {
    const predicted = 12_345.678901;
    const groups = [
      [10, 0, 30, 0, 25],
      [5, 0, 10],
    ].map((spends) => groupOf(spends.map((spend) => ({ spend, predicted }))));
    const [contacted, control] = groups as [GroupSpend, GroupSpend];
    // As Postgres finds it of 10 and 7 such customers.
    const rounded = { variancePredicted: 2.6e-25, covariance: 2.4e-12, meanPredicted: predicted + 3.6e-12 };
    const effect = campaignEffect({ contacted: { ...contacted, ...rounded }, control, contacts: 5, ...terms });
    expect(effect.spendPerCustomer).toEqual({ value: 8, lower: -13.02, upper: 29.02 });
  });

  it('has a return on investment where contacts cost anything, if only a fraction of a cent', () => {
    const group = groupOf([
      { spend: 10, predicted: 5 },
      { spend: 20, predicted: 5 },
    ]);
    const nothing = (contactCost: number) =>
      campaignEffect({ contacted: group, control: group, contacts: 2, contactCost, margin: 0.4 });
    expect(nothing(0)).toMatchObject({ returnOnInvestment: null, incrementalProfit: { value: 0 } });
    expect(nothing(0.001).returnOnInvestment?.value).toBe(-1);
  });

  it('is exact where predictions tell everything but what the contacts bring, whatever rounding makes of it', () => {
    const spenders = (n: number, fee: number): Spender[] =>
      Array.from({ length: n }, (_, i) => ({ predicted: 10 + i * 1.7, spend: fee + 2.7 * (10 + i * 1.7) }));
    const { spendPerCustomer, uplift } = effectOf(spenders(7, 12.49), spenders(3, 9.99));
    expect(spendPerCustomer).toEqual({ value: 2.5, lower: 2.5, upper: 2.5 });
    expect(uplift!.lower).toBeCloseTo(uplift!.value, 6);
    expect(uplift!.upper).toBeCloseTo(uplift!.value, 6);
  });

  it('leaves out what was there before, and is surer for it', () => {
    const random = new Random('before');
    const drawn = (n: number, more: number): Spender[] =>
      Array.from({ length: n }, () => {
        const predicted = Math.exp(random.normal(4, 1));
        return { predicted, spend: predicted * (1 + more) + random.normal(0, 5) };
      });
    const [contacted, control] = [drawn(800, 0.1), drawn(200, 0)];
    const blind = (some: readonly Spender[]) => some.map(({ spend }) => ({ spend, predicted: 0 }));
    const width = ({ spendPerCustomer: { lower, upper } }: CampaignEffect) => upper - lower;
    const effect = effectOf(contacted, control);
    expect(width(effect)).toBeLessThan(width(effectOf(blind(contacted), blind(control))) / 5);
    expect(effect.uplift!.value).toBeCloseTo(0.1, 1);
  });

  it('is nothing to be sure of where nobody spends', () => {
    const nobody = Array.from({ length: 5 }, (_, i) => ({ predicted: i, spend: 0 }));
    const effect = effectOf(nobody, nobody);
    expect(effect.spendPerCustomer).toEqual({ value: 0, lower: 0, upper: 0 });
    expect(effect.uplift).toBeNull();
  });

  it('is no share of what a control group sends back', () => {
    const group = (...spends: number[]): Spender[] => spends.map((spend) => ({ predicted: 5, spend }));
    const effect = effectOf(group(10, 11, 12, 9, 8), group(-10, -11, -12, -9, -8));
    expect(effect.spendPerCustomer.value).toBe(20);
    expect(effect.spendPerCustomer.lower).toBeGreaterThan(0);
    expect(effect.uplift).toBeNull();
  });

  const lognormalSpender = (random: Random, sigma: number, more: number): Spender => {
    const predicted = Math.exp(random.normal(4, 0.9));
    const spend =
      random.uniform() < 0.4 ? (predicted / 0.4) * Math.exp(random.normal(-(sigma ** 2) / 2, sigma)) * (1 + more) : 0;
    return { predicted, spend };
  };
  const simulated = (random: Random, sizes: { contacted: number; control: number }, sigma: number, uplift: number) =>
    effectOf(
      Array.from({ length: sizes.contacted }, () => lognormalSpender(random, sigma, uplift)),
      Array.from({ length: sizes.control }, () => lognormalSpender(random, sigma, 0)),
    );

  // docs/campaigns.md has more such figures.
  it.each([
    { contacted: 2_000, control: 1_000, sigma: 1, ofUplift: 0.93 },
    { contacted: 500, control: 500, sigma: 1, ofUplift: 0.93 },
    { contacted: 180, control: 20, sigma: 1, ofUplift: 0.7 },
  ])('lies in its intervals as often as they say: %j', ({ contacted, control, sigma, ofUplift }) => {
    const uplift = 0.15;
    const repetitions = 500;
    const random = new Random(`coverage ${contacted} ${control} ${sigma}`);
    const truth = uplift * Math.exp(4 + 0.9 ** 2 / 2);
    const [inside, told] = [{ perCustomer: 0, uplift: 0 }, { uplift: 0 }];
    for (let i = 0; i < repetitions; i++) {
      const effect = simulated(random, { contacted, control }, sigma, uplift);
      const { lower, upper } = effect.spendPerCustomer;
      if (lower <= truth && truth <= upper) inside.perCustomer++;
      if (!effect.uplift) continue;
      told.uplift++;
      if (effect.uplift.lower <= uplift && uplift <= effect.uplift.upper) inside.uplift++;
    }
    expect(inside.perCustomer / repetitions).toBeGreaterThan(0.93);
    expect(inside.perCustomer / repetitions).toBeLessThan(0.97);
    expect(inside.uplift / told.uplift).toBeGreaterThan(ofUplift);
  });

  it('is seldom told of a campaign that had none, however few are held out', () => {
    const repetitions = 500;
    const random = new Random('no effect');
    const claims = Array.from({ length: repetitions }, () =>
      simulated(random, { contacted: 950, control: 50 }, 1, 0),
    ).filter(({ spendPerCustomer }) => spendPerCustomer.lower > 0);
    expect(claims.length / repetitions).toBeLessThan(0.035);
  });
});
