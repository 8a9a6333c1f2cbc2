import { beforeAll, describe, expect, it } from 'vitest';
import { computeFeatures } from '../../../src/ml/features/compute-features.js';
import { named, useTestShop, textOf } from '../../support/shop.js';

const asOf = new Date('2024-07-01T00:00Z');

describe('features of what was bought', () => {
  const shop = useTestShop();
  beforeAll(async () => {
    await shop.product('mug', 'Red Retrospot Mug', 'Kitchen');
    await shop.product('jug', 'Cream Jug', 'Kitchen');
    await shop.product('bell', 'Glass Bell', 'Christmas ornaments');
    await shop.product('POST', 'Postage', null, false);
    await shop.product('hat', 'Straw Hat');
    await shop.product('scarf', 'Striped Hat & Scarf');
    await shop.product('gloves', 'Striped Gloves');
  });

  it('counts products, reorders and categories of clean lines', async () => {
    const customer = await shop.customer('lines', 'United Kingdom');
    await shop.order({
      customer,
      at: '2024-03-01',
      lines: [
        { product: 'mug', quantity: 4, price: 5 },
        // An exact copy, postage, a gift: none of them counts.
        { product: 'mug', quantity: 4, price: 5 },
        { product: 'POST', quantity: 1, price: 100 },
        { product: 'bell', quantity: 9, price: 0 },
        { product: 'jug', quantity: 1, price: 10 },
      ],
    });
    await shop.order({
      customer,
      at: '2024-06-19',
      lines: [
        { product: 'mug', quantity: 2, price: 5 },
        { product: 'bell', quantity: 10, price: 2 },
      ],
    });
    await shop.order({ customer, at: '2024-06-20', lines: [{ product: 'jug', quantity: -1, price: 10 }] });
    await shop.order({ customer, at: '2024-07-02', lines: [{ product: 'hat', quantity: 1, price: 10 }] });
    await shop.refresh();
    const [row] = await computeFeatures(shop.dataSource, { asOf, customerIds: [customer] });
    // Kitchen 20 + 10 + 10 = 40, Christmas 20: 60^2 / (40^2 + 20^2) = 1.8. Only the mug was bought on two days.
    expect(named(row!)).toMatchObject({
      products_per_occasion: 2,
      distinct_products: 3,
      reordered_share: expect.closeTo(1 / 3, 12),
      category_diversity: expect.closeTo(1.8, 12),
      items_per_occasion: (5 + 12) / 2,
      return_rate: expect.closeTo(10 / 60, 12),
      total_spend: 50,
    });
    expect(textOf(row!)).toBe(
      'last bought 12 days ago. 2 orders in 4 months. usually every 4 months. spends 30 an order, 50 in all. ' +
        'steady. buys kitchen, christmas ornaments, red, retrospot, mug, glass, bell, cream, jug. last time 12 items for 30: glass bell, red retrospot mug. ' +
        'returned 17 percent. from united kingdom. 4 months ago 5 items for 30: red retrospot mug.',
    );
  });

  it('tells what the pictures of bought goods show, the most often bought first', async () => {
    const customer = await shop.customer('pictures');
    const captions = { vase: 'a blue vase on a table', lamp: 'a striped lamp', rug: 'a shaggy rug' };
    for (const [product, caption] of Object.entries(captions)) {
      await shop.product(product, '');
      await shop.dataSource.query('update product set picture_caption = $2 where external_id = $1', [product, caption]);
    }
    await shop.order({ customer, at: '2024-06-01', lines: [{ product: 'vase', quantity: 1, price: 50 }] });
    await shop.order({ customer, at: '2024-06-02', lines: [{ product: 'lamp', quantity: 1, price: 5 }] });
    await shop.order({ customer, at: '2024-06-03', lines: [{ product: 'lamp', quantity: 1, price: 5 }] });
    await shop.order({ customer, at: '2024-07-02', lines: [{ product: 'rug', quantity: 1, price: 5 }] });
    await shop.refresh();
    const [row] = await computeFeatures(shop.dataSource, { asOf, customerIds: [customer] });
    expect(row!.narrative.find(({ group }) => group === 'categories')?.text).toBe(
      'buys striped, lamp, blue, vase, table.',
    );
  });

  it('names the words of products that have no category', async () => {
    const customer = await shop.customer('uncategorised');
    await shop.order({
      customer,
      at: '2024-06-01',
      lines: ['hat', 'scarf', 'gloves'].map((product) => ({ product, quantity: 1, price: 5 })),
    });
    await shop.order({ customer, at: '2024-06-02', lines: [{ product: 'gloves', quantity: 1, price: 0.5 }] });
    await shop.order({ customer, at: '2024-06-01', lines: [{ product: 'hat', quantity: 2, price: 5 }] });
    await shop.refresh();
    const [row] = await computeFeatures(shop.dataSource, { asOf, customerIds: [customer] });
    expect(named(row!)['category_diversity']).toBeNull();
    expect(textOf(row!)).toContain('buys striped, hat, gloves, straw, scarf.');
  });
});
