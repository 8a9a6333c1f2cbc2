import { afterEach, describe, expect, it, vi } from 'vitest';
import { PriorModels } from '../../../src/services/predictions/prior-models.js';
import { useTestShop } from '../../support/shop.js';

const asOf = new Date('2026-01-01T00:00:00Z');

describe('the prior of a shop without a model', () => {
  const shop = useTestShop();
  afterEach(() => vi.useRealTimers());

  async function buy(customer: string, ...days: string[]): Promise<void> {
    const id = await shop.customer(customer);
    for (const at of days) await shop.order({ customer: id, at, total: 40 });
    await shop.refresh();
  }

  it('is fitted anew soon after purchases came in, by those who ask together once', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const models = new PriorModels(shop.dataSource);
    const priorNow = async () => (await models.at(asOf, 365)).bundle.prior;
    await buy('one', '2025-06-01');
    const query = vi.spyOn(shop.dataSource, 'query');
    const [first, same] = await Promise.all([priorNow(), priorNow()]);
    const statements = query.mock.calls.length;
    expect(same).toBe(first);
    expect(await priorNow()).toBe(first);
    expect(query).toHaveBeenCalledTimes(statements);
    query.mockRestore();
    await buy('two', '2025-06-01', '2025-08-01', '2025-10-01', '2025-12-01');
    // Of a shop that takes no time to fit; ten minutes is the most for any.
    vi.advanceTimersByTime(1_000);
    expect(await priorNow()).not.toEqual(first);
  });
});
