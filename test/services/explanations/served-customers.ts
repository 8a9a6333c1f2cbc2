import { afterEach, beforeEach } from 'vitest';
import { LocalInference } from '../../../src/services/inference/local-inference.js';
import { PredictionsService, type ServedClv } from '../../../src/services/predictions/predictions.service.js';
import { testConfig } from '../../support/config.js';
import { scoredHorizonDays, useScoredShop } from '../../support/scored-shop.js';

/** A scored shop without explanations, with an inference of each test's own. */
export function useServedCustomers() {
  const shop = useScoredShop();
  const config = testConfig();
  let inference: LocalInference;
  beforeEach(() => void (inference = new LocalInference(shop.dataSource, config)));
  afterEach(async () => {
    await inference.close();
    await shop.dataSource.query('delete from explanation');
  });

  return {
    get dataSource() {
      return shop.dataSource;
    },
    get inference() {
      return inference;
    },
    /** What is served of the first customers that were scored, so many. */
    async served(count: number): Promise<ServedClv[]> {
      const found = await shop.dataSource.query<{ customerId: string }[]>(
        'select customer_id::text as "customerId" from prediction order by customer_id limit $1',
        [count],
      );
      const requests = found.map(({ customerId }) => ({ customerId, horizonDays: scoredHorizonDays }));
      return new PredictionsService(shop.dataSource, config, inference).predict(requests);
    },
  };
}
