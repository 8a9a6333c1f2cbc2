import type { SpendDistribution } from '../../../src/services/campaigns/campaign-uncertainty.js';

export function momentsOf({ probability, mu, sigma }: SpendDistribution): { mean: number; variance: number } {
  const mean = probability * Math.exp(mu + sigma ** 2 / 2);
  return { mean, variance: probability * Math.exp(2 * mu + 2 * sigma ** 2) - mean ** 2 };
}
