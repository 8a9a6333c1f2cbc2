import { describe, expect, it } from 'vitest';
import { featureDefinitions } from '../../../src/ml/features/feature-definitions.js';
import { type NarrativeContext, renderNarrative } from '../../../src/ml/text/narrative.js';

/** Features of a given value; counts and rates that are not given are 0, all else is missing. */
function features(values: Record<string, number>): (number | null)[] {
  return featureDefinitions.map(({ name, unit }) => values[name] ?? (unit === 'count' ? 0 : null));
}

const nothing: NarrativeContext = {
  country: null,
  categories: [],
  products: [],
  captions: [],
  baskets: [],
  said: [],
  scrub: null,
};

const regular = features({
  days_since_last: 12,
  repeat_days: 6,
  age_days: 426,
  gap_mean_days: 61,
  mean_occasion_value: 229.6,
  total_spend: 1607.2,
  spend_trend: 0.31,
  return_rate: 0.043,
});

describe('narrative', () => {
  it('tells no more words with captions than without', () => {
    const word = (i: number) => String.fromCodePoint(97 + Math.floor(i / 26), 97 + (i % 26), 97);
    const words = (from: number) => Array.from({ length: 25 }, (_, i) => word(from + i)).join(' ');
    const tasteOf = (captions: string[]) => {
      const spans = renderNarrative(regular, { ...nothing, products: [words(0)], captions });
      return spans.find(({ group }) => group === 'categories')!.text.split(', ');
    };
    expect(tasteOf([])).toHaveLength(20);
    expect(tasteOf([words(30)])).toHaveLength(20);
    expect(tasteOf([words(30)])[10]).toBe(word(30));
  });

  it('tells what pictures of the products show, after their names', () => {
    const spans = renderNarrative(regular, {
      ...nothing,
      categories: ['Mugs'],
      products: ['Red Mug'],
      captions: ['a red cup sitting on top of a wooden table', 'A black and white photo of a floral cup.'],
    });
    expect(spans.filter(({ group }) => group === 'categories')).toEqual([
      { group: 'categories', text: 'buys mugs, red, mug, cup, wooden, table, black, white, floral.' },
    ]);
  });

  it('tells a regular customer, most telling spans first', () => {
    const spans = renderNarrative(regular, {
      country: 'United Kingdom',
      categories: ['Christmas ornaments', 'Mugs'],
      products: ['Red Retrospot Mug'],
      captions: [],
      baskets: [
        { daysAgo: 12, items: 3, value: 44.6, products: ['SET/4 RED RETROSPOT MUG', 'Glass Bell', 'Cream Jug', 'Hat'] },
        { daysAgo: 73, items: 1, value: 12.4, products: ['Glass Bell', 'Cream Jug'] },
      ],
      said: [
        { type: 'SEARCH', text: 'Christmas bells', daysAgo: 3, stars: null },
        { type: 'SEARCH', text: 'christmas BELLS!', daysAgo: 5, stars: null },
        { type: 'SUPPORT_TICKET', text: 'Parcel late, again.', daysAgo: 20, stars: null },
        { type: 'REVIEW', text: null, daysAgo: 100, stars: 4 },
      ],
      scrub: null,
    });
    expect(spans).toEqual([
      { group: 'recency', text: 'last bought 12 days ago.' },
      { group: 'frequency', text: '7 orders' },
      { group: 'tenure', text: 'in 14 months.' },
      { group: 'cadence', text: 'usually every 2 months.' },
      { group: 'spend', text: 'spends 230 an order, 1600 in all.' },
      { group: 'trend', text: 'rising.' },
      { group: 'categories', text: 'buys christmas ornaments, mugs, red, retrospot, mug.' },
      { group: 'support', text: 'ticket 20 days ago: parcel late again. review 4 stars.' },
      { group: 'engagement', text: 'searched for christmas bells.' },
      { group: 'basket', text: 'last time 3 items for 45: red retrospot mug, glass bell, cream jug.' },
      { group: 'returns', text: 'returned 4 percent.' },
      { group: 'country', text: 'from united kingdom.' },
      { group: 'basket', text: '2 months ago 1 item for 12: glass bell.' },
    ]);
  });

  it('tells a customer of whom only amounts are known, in few words', () => {
    const baskets = [
      { daysAgo: 12, items: 2, value: 29.73, products: null },
      { daysAgo: 90, items: 1, value: 14.96, products: null },
      { daysAgo: 150, items: 1, value: 26.48, products: null },
    ];
    const text = renderNarrative(regular, { ...nothing, baskets })
      .map((span) => span.text)
      .join(' ');
    expect(text).toBe(
      'last bought 12 days ago. 7 orders in 14 months. usually every 2 months. spends 230 an order, 1600 in all. ' +
        'rising. last time 2 items for 30. returned 4 percent. earlier 3 months ago 15, 5 months ago 26.',
    );
  });

  it('tells a newcomer', () => {
    const newcomer = features({
      days_since_last: 1,
      age_days: 1,
      mean_occasion_value: 0.4,
      total_spend: 0.4,
      return_rate: 0,
    });
    expect(renderNarrative(newcomer, nothing).map(({ text }) => text)).toEqual([
      'last bought 1 day ago.',
      '1 order',
      'in 1 day.',
      'spends 0 an order, 0 in all.',
    ]);
  });

  it.each([
    [-0.5, 'falling.'],
    [-0.1, 'steady.'],
    [0.2, 'rising.'],
  ])('calls a balance of %d %s', (balance, word) => {
    const row = features({
      days_since_last: 1,
      age_days: 1,
      mean_occasion_value: 1,
      total_spend: 1,
      return_rate: 0,
      spend_trend: balance,
    });
    expect(renderNarrative(row, nothing)).toContainEqual({ group: 'trend', text: word });
  });
});
