import { beforeAll, describe, expect, it } from 'vitest';
import { computeFeatures } from '../../../src/ml/features/compute-features.js';
import type { FeatureRow } from '../../../src/ml/features/feature-row.js';
import { named, useTestShop, textOf } from '../../support/shop.js';

const asOf = new Date('2024-07-01T12:00Z');

describe('features of behaviour', () => {
  const shop = useTestShop();
  let row: FeatureRow;
  let reviewers: FeatureRow[];
  beforeAll(async () => {
    const customer = await shop.customer('c');
    await shop.order({ customer, at: '2024-01-01', total: 20 });
    const event = (type: string, at: string, text?: string, attributes?: Record<string, unknown>) =>
      shop.event({ customer, type, at, ...(text ? { text } : {}), ...(attributes ? { attributes } : {}) });
    await event('BROWSE', '2024-06-30T12:00Z');
    await event('BROWSE', '2024-04-02'); // 90 days to the as-of day
    await event('BROWSE', '2024-04-01T23:59:59Z'); // a second earlier
    await event('CART', '2024-06-01');
    await event('EMAIL_OPEN', '2024-06-01');
    await event('SEARCH', '2024-04-10', 'Wooden spoon');
    await event('SEARCH', '2024-04-20', 'Blue plate');
    await event('SEARCH', '2024-05-01', 'Red mug');
    await event('SEARCH', '2024-06-01', 'Teapot, large');
    await event('SUPPORT_TICKET', '2024-06-11', 'Parcel late AGAIN! Write to me at jo@example.com');
    await event('REVIEW', '2024-03-01', 'Lovely', { stars: 5 });
    await event('REVIEW', '2024-06-21', 'Broken handle', { stars: '2' });
    await event('REVIEW', '2022-06-21', 'Too long ago', { stars: 1 });
    // On the as-of day, whose purchases are predicted, and after it.
    await event('CLICK', '2024-07-01');
    await event('CART', '2024-07-01T11:59:59Z');
    await event('SUPPORT_TICKET', '2024-07-02', 'From the future');
    // A year back to the as-of day, and a second earlier.
    for (const at of ['2023-07-02', '2023-07-01T23:59:59Z']) {
      const reviewer = await shop.customer(at);
      await shop.order({ customer: reviewer, at: '2023-01-01', total: 20 });
      await shop.event({ customer: reviewer, type: 'REVIEW', at, text: 'Fine', attributes: { stars: 4 } });
    }
    await shop.refresh();
    [row, ...reviewers] = (await computeFeatures(shop.dataSource, { asOf })) as [FeatureRow, ...FeatureRow[]];
  });

  it('counts the last 90 days by kind', () => {
    expect(named(row)).toMatchObject({
      browse_90: 2,
      search_90: 4,
      click_90: 0,
      cart_90: 1,
      email_open_90: 1,
      ticket_90: 1,
      review_90: 1,
      days_since_event: 0,
      review_stars: 2,
    });
  });

  it('looks back on 365 days', () => {
    expect(reviewers.map((each) => named(each))).toMatchObject([
      { review_stars: 4, days_since_event: 365 },
      { review_stars: null, days_since_event: null },
    ]);
    expect(reviewers.map((each) => textOf(each).includes('review 4 stars: fine.'))).toEqual([true, false]);
  });

  it('tells what the customer searched for and wrote, newest first, without the address', () => {
    const text = textOf(row);
    expect(text).toContain('ticket 20 days ago: parcel late again write to me at.');
    expect(text).toContain('review 2 stars: broken handle.');
    expect(text).toContain('searched for teapot large, red mug, blue plate.');
    expect(text).not.toMatch(/future|long ago|example|lovely|spoon/);
  });
});
