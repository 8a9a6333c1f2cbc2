import type { DataSource } from 'typeorm';
import { dayMs } from '../../src/days.js';
import { iterateFeatures } from '../../src/ml/features/compute-features.js';
import type { NarrativeSpan } from '../../src/ml/features/feature-group.js';
import { partOf, type ProgressReporter } from '../../src/progress.js';
import { catalogueNames } from '../../src/services/demo/catalogues/index.js';
import { generateDemoShop } from '../../src/services/demo/demo-shop.service.js';

interface CorpusSettings {
  readonly customersPerShop: number;
  /** Shops of each catalogue, with seeds 1, 2, ... */
  readonly shopsPerCatalogue: number;
}

/** The demo shops end here, so that the corpus is the same whenever it is made. */
const until = new Date('2026-01-01T00:00:00Z');
/** How long before that, in days, each customer is looked at: in four seasons, and at every age. */
const asOfDaysBefore = [0, 97, 201, 330, 470];
const currencies = ['GBP', 'EUR', 'USD'];

/**
 * Narratives of the customers of synthetic shops of every catalogue, as the product itself tells them.
 * @param dataSource a migrated database of no other use: each shop replaces the one before
 */
export async function* demoNarratives(
  dataSource: DataSource,
  { customersPerShop, shopsPerCatalogue }: CorpusSettings,
  progress: ProgressReporter,
): AsyncGenerator<readonly NarrativeSpan[]> {
  const shops = catalogueNames.flatMap((catalogue) =>
    Array.from({ length: shopsPerCatalogue }, (_, i) => ({ catalogue, seed: i + 1 })),
  );
  for (const [i, { catalogue, seed }] of shops.entries()) {
    await generateDemoShop(dataSource, {
      catalogue,
      seed,
      customers: customersPerShop,
      currency: currencies[i % currencies.length],
      until,
      replace: true,
      progress: partOf(progress, i / shops.length, (i + 1) / shops.length),
    });
    for (const days of asOfDaysBefore) {
      const asOf = new Date(until.getTime() - days * dayMs);
      for await (const rows of iterateFeatures(dataSource, { asOf })) for (const row of rows) yield row.narrative;
    }
  }
}
