import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Notifications } from '../../../../src/database/notifications.js';
import { CustomerListService } from '../../../../src/services/customers/customer-list.service.js';
import { FilterValuesService } from '../../../../src/services/customers/filter-values.service.js';
import { noteClvChanges } from '../../../../src/services/scoring/note-clv-changes.js';
import { testConfig } from '../../../support/config.js';
import { useScoredShop } from '../../../support/scored-shop.js';
import { untilWaitingFor } from '../../../support/waiting.js';

describe('what is read while a scoring of the next day ends', () => {
  const shop = useScoredShop();
  let lists: CustomerListService;
  beforeAll(() => {
    lists = new CustomerListService(shop.dataSource, testConfig());
  });

  /** Which day lists read is known to the reader before the predictions of that day are gone. */
  async function whileScored<T>(read: () => Promise<T>): Promise<T> {
    const scoring = shop.dataSource.createQueryRunner();
    onTestFinished(() => scoring.release());
    await scoring.startTransaction();
    await scoring.query('lock table prediction');
    const reading = read();
    await untilWaitingFor(shop.dataSource, 'prediction');
    await scoring.query(`update prediction set as_of = as_of + interval '1 day'`);
    await scoring.query(`update model_version set scored_as_of = scored_as_of + interval '1 day'`);
    await scoring.commitTransaction();
    return reading;
  }

  it('is a page of the best', async () => {
    const page = async () => {
      const { edges } = await lists.page({ first: 5, orderBy: { field: 'CLV', direction: 'DESC' } });
      return edges.map(({ node }) => node.id);
    };
    expect(await whileScored(page)).toEqual(await page());
  });

  it('is how many fit, what they are worth, and who they are', async () => {
    const filter = { tier: ['PLATINUM'] } as const;
    const [{ id }] = await shop.dataSource.query<[{ id: string }]>(
      'select customer_id as id from prediction order by expected_value desc limit 1',
    );
    expect(await whileScored(() => lists.count({ filter }))).toBeGreaterThan(10);
    expect(await whileScored(() => lists.aggregate(filter))).toEqual(await lists.aggregate(filter));
    expect(await whileScored(() => lists.memberships([filter], [id]))).toEqual(new Map([[id, [0]]]));
  });

  it('is how many are in each tier', async () => {
    const notifications = new Notifications(shop.dataSource);
    onTestFinished(() => notifications.close());
    const tiers = await whileScored(() => new FilterValuesService(shop.dataSource, notifications).tiers());
    expect(tiers).toMatchObject({ distinct: 4 });
  });

  it('is noted as no change of anybody', async () => {
    expect(await whileScored(() => noteClvChanges(shop.dataSource))).toMatchObject({ changed: 0 });
    expect(await noteClvChanges(shop.dataSource)).toMatchObject({ changed: 0 });
  });
});
