import { describe, expect, it, onTestFinished } from 'vitest';
import { Random } from '../../../src/random.js';
import { intervalOfTotal } from '../../../src/services/totals/total-spend.js';
import { totalOf } from './moments.js';

describe('intervalOfTotal', () => {
  it('is the quantiles of one customer who surely buys', async () => {
    const { level, lower, upper } = await intervalOfTotal(totalOf([{ probability: 1, mu: 5, sigma: 0.5 }], 1), 0.8);
    expect(level).toBe(0.8);
    // A lognormal: exp(5 ± 1.2816 * 0.5).
    expect(lower / Math.exp(5 - 0.5 * 1.28155)).toBeCloseTo(1, 1);
    expect(upper / Math.exp(5 + 0.5 * 1.28155)).toBeCloseTo(1, 1);
  });

  it('takes the many who vary less together, as if each were drawn', async () => {
    const random = new Random(3);
    const customers = Array.from({ length: 4_000 }, () => ({
      probability: 0.6 * random.uniform(),
      mu: random.normal(3, 1),
      sigma: 1,
    }));
    const each = await intervalOfTotal(totalOf(customers, customers.length), 0.95);
    const together = await intervalOfTotal(totalOf(customers, 1_000), 0.95);
    const { mean } = totalOf(customers, 0);
    expect(together.lower / mean).toBeCloseTo(each.lower / mean, 1);
    expect(together.upper / mean).toBeCloseTo(each.upper / mean, 1);
    expect(each.upper - each.lower).toBeLessThan(0.5 * mean);
  });

  it('is about as wide, however many are drawn one by one', async () => {
    const customers = Array.from({ length: 400 }, () => ({ probability: 1, mu: 3, sigma: 0.3 }));
    const width = async (simulated: number) => {
      const { lower, upper } = await intervalOfTotal(totalOf(customers, simulated), 0.95);
      return upper - lower;
    };
    const ratio = (await width(100)) / (await width(400));
    expect(ratio).toBeGreaterThan(0.85);
    expect(ratio).toBeLessThan(1.15);
  });

  it('has all customers share one level', async () => {
    // Ten thousand customers vary next to nothing together.
    const customers = Array.from({ length: 10_000 }, () => ({ probability: 0.5, mu: 3, sigma: 0.5 }));
    const total = totalOf(customers, 100, 0.1);
    const logs = async (level: number) => {
      const { lower, upper } = await intervalOfTotal(total, level);
      return [Math.log(lower / total.mean), Math.log(upper / total.mean)];
    };
    // Student's t with two degrees of freedom is within 1.89 in 80 % and within 4.30 in 95 % of all cases.
    expect(await logs(0.8)).toEqual([expect.closeTo(-0.189, 2), expect.closeTo(0.189, 2)]);
    expect(await logs(0.95)).toEqual([expect.closeTo(-0.43, 2), expect.closeTo(0.43, 2)]);
  });

  it('is nothing where there are no customers, and the same each time', async () => {
    expect(await intervalOfTotal(totalOf([], 0, 0.1), 0.8)).toEqual({ level: 0.8, lower: 0, upper: 0 });
    const total = totalOf([{ probability: 0.5, mu: 3, sigma: 1 }], 1, 0.1);
    expect(await intervalOfTotal(total, 0.5)).toEqual(await intervalOfTotal(total, 0.5));
  });

  it('lets others have their turns', async () => {
    const customers = Array.from({ length: 1_000 }, () => ({ probability: 1, mu: 3, sigma: 1 }));
    let turns = 0;
    const counting = setInterval(() => turns++, 0);
    onTestFinished(() => clearInterval(counting));
    await intervalOfTotal(totalOf(customers, 1_000), 0.8);
    expect(turns).toBeGreaterThan(15);
  });
});
