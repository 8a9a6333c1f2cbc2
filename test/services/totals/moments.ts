import type { SpendDistribution, TotalSpend } from '../../../src/services/totals/total-spend.js';

export function momentsOf({ probability, mu, sigma }: SpendDistribution): { mean: number; variance: number } {
  const mean = probability * Math.exp(mu + sigma ** 2 / 2);
  return { mean, variance: probability * Math.exp(2 * mu + 2 * sigma ** 2) - mean ** 2 };
}

/** @param simulated number of customers that are drawn one by one */
export function totalOf(customers: readonly SpendDistribution[], simulated: number, levelScale = 0): TotalSpend {
  const sorted = customers.toSorted((a, b) => momentsOf(b).variance - momentsOf(a).variance);
  const sum = (value: 'mean' | 'variance') =>
    customers.reduce((total, customer) => total + momentsOf(customer)[value], 0);
  return {
    customers: customers.length,
    simulated: sorted.slice(0, simulated),
    mean: sum('mean'),
    variance: sum('variance'),
    levelScale,
  };
}
