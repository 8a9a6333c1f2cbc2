import { featureDefinitions } from '../../../src/ml/features/feature-definitions.js';
import type { ModelInput } from '../../../src/ml/features/feature-row.js';
import { type Basket, type NarrativeContext, renderNarrative } from '../../../src/ml/text/narrative.js';
import { Random } from '../../../src/random.js';
import { buildCatalogue } from '../../../src/services/demo/catalogue.js';

/** Numeric tokens of the measured models: about as many as a shop with behaviour events has. */
export const numericFeatures: readonly string[] = Array.from({ length: 40 }, (_, i) => `feature_${i}`);

/**
 * Customers of a made-up shop as the model reads them: narratives rendered by the product's own code from random
 * histories of its demo catalogue, random standardised numbers and priors.
 * @param visits [fewest, most] of a customer; 12 and more make narratives that fill 128 tokens
 */
export function customers(
  count: number,
  seed: number,
  visits: readonly [fewest: number, most: number],
): (ModelInput & { readonly value: number })[] {
  const random = new Random(`bench/${seed}`);
  const { products, categories } = buildCatalogue('homeware', 1);
  const basket = (daysAgo: number): Basket => ({
    daysAgo,
    value: 5 + random.exponential(1 / 60),
    items: 1 + random.integer(6),
    products: [random.pick(products).name, random.pick(products).name],
  });
  return Array.from({ length: count }, () => {
    const orders = visits[0] + random.integer(visits[1] - visits[0] + 1);
    const gap = 3 + random.exponential(1 / 40);
    const features: Record<string, number> = {
      days_since_last: 1 + random.exponential(1 / 60),
      repeat_days: orders - 1,
      age_days: gap * orders,
      gap_mean_days: gap,
      mean_occasion_value: 5 + random.exponential(1 / 60),
      total_spend: orders * (5 + random.exponential(1 / 60)),
      spend_trend: random.normal(0, 0.4),
      return_rate: random.uniform() * 0.1,
      browse_90: random.integer(30),
      cart_90: random.integer(4),
    };
    const context: NarrativeContext = {
      country: 'United Kingdom',
      categories: [random.pick(categories).name, random.pick(categories).name],
      products: [],
      captions: [],
      baskets: Array.from({ length: orders }, (_, i) => basket(5 + i * gap)),
      said: [{ type: 'REVIEW', text: 'Arrived on time, lovely colours.', daysAgo: 40, stars: 4 }],
      scrub: null,
    };
    return {
      narrative: renderNarrative(
        featureDefinitions.map(({ name, unit }) => features[name] ?? (unit === 'count' ? 0 : null)),
        context,
      ),
      numeric: Float32Array.from(numericFeatures, () => random.normal()),
      prior: [random.normal(0, 1), random.normal(0, 1)] as const,
      value: random.uniform() < 0.5 ? 0 : Math.exp(random.normal()),
    };
  });
}
