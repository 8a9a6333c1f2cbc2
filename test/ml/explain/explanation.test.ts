import { describe, expect, it } from 'vitest';
import { type ExplanationContent, toExplanation } from '../../../src/ml/explain/explanation.js';
import { summarise } from '../../../src/ml/explain/summary.js';
import { describeGroup } from '../../../src/ml/explain/wording.js';
import { featureDefinitions } from '../../../src/ml/features/feature-definitions.js';
import { type FeatureGroup, featureGroups } from '../../../src/ml/features/feature-group.js';
import { Random } from '../../../src/random.js';

function explanation(predicted: number, baseline: number, amounts: [FeatureGroup, number][]): ExplanationContent {
  return toExplanation({
    predicted,
    baseline,
    amounts: new Map(amounts),
    describe: (group) => ({ label: `Label of ${group}`, value: '' }),
    tokens: [],
    narrative: [],
    completenessError: 0,
    horizonDays: 365,
  });
}

describe('an explanation', () => {
  it('adds up to the prediction, to the cent, whatever the amounts are', () => {
    const random = new Random(1);
    for (let i = 0; i < 500; i++) {
      const scale = 10 ** random.integer(6);
      const amounts = featureGroups.map((group) => [group, random.normal() * scale] as [FeatureGroup, number]);
      const content = explanation(Math.abs(random.normal()) * scale, Math.abs(random.normal()) * scale, amounts);
      const sum = content.contributions.reduce((total, { amount }) => total + amount, content.baseline);
      expect(Math.round((sum + content.residual) * 100)).toBe(Math.round(content.predicted * 100));
    }
  });

  it('names the largest effects first and leaves out what is nothing', () => {
    const { contributions } = explanation(100, 80, [
      ['recency', 5],
      ['spend', -15],
      ['country', 0.001],
      ['frequency', 30],
    ]);
    expect(contributions.map(({ group, amount }) => [group, amount])).toEqual([
      ['frequency', 30],
      ['spend', -15],
      ['recency', 5],
    ]);
  });
});

describe('the summary', () => {
  it('says how much, compared with what, and why', () => {
    const content = explanation(120, 80, [
      ['frequency', 50],
      ['recency', -10],
    ]);
    expect(summarise(content, 'USD', 'en')).toBe(
      "Expected to spend $120.00 in the next 365 days, more than a typical customer's $80.00, " +
        'because of label of frequency +$50.00, in spite of label of recency -$10.00.',
    );
    expect(summarise(content, 'USD', 'zh')).toBe(
      '预计未来365天消费US$120.00，高于典型客户的US$80.00，主要因为购买次数（+US$50.00），尽管最近一次购买（-US$10.00）。',
    );
  });

  it('mentions no objections where there are none, nor reasons', () => {
    const agreed = explanation(120, 80, [['frequency', 40]]);
    expect(summarise(agreed, 'USD', 'en')).toMatch(/because of label of frequency \+\$40\.00\.$/);
    expect(summarise(agreed, 'USD', 'zh')).toMatch(/主要因为购买次数（\+US\$40\.00）。$/);
    const unexplained = explanation(120, 80, []);
    expect(summarise(unexplained, 'USD', 'en')).toMatch(/more than a typical customer's \$80\.00\.$/);
    expect(summarise(unexplained, 'USD', 'zh')).toMatch(/高于典型客户的US\$80\.00。$/);
  });
});

describe('the words for what a customer has', () => {
  const valueOf = (group: FeatureGroup, known: Record<string, number>) => {
    const features = featureDefinitions.map(({ name }) => known[name] ?? null);
    return describeGroup(group, { customerId: '1', asOf: new Date('2026-01-01'), features, narrative: [] }).value;
  };

  it.each<[group: FeatureGroup, known: Record<string, number>, value: string]>([
    // Yen have no cents.
    ['spend', { total_spend: 121_900 }, '121,900 in all'],
    ['spend', { total_spend: -30.5 }, '-30.50 in all'],
    ['cadence', { gap_mean_days: 1.25 }, 'every day'],
    ['cadence', { gap_mean_days: 1.5 }, 'every 2 days'],
    ['returns', { return_rate: 0 }, '0 % of spend'],
    ['returns', { return_rate: 0.003 }, 'less than 1 % of spend'],
    ['returns', { return_rate: 0.006 }, '1 % of spend'],
    ['season', { season_share: 0.4 }, '40 % of past spend in the coming season'],
    ['season', {}, ''],
    ['engagement', { days_since_event: 0 }, 'active in the last 24 hours'],
    ['engagement', {}, 'none in a year'],
    ['support', { ticket_90: 0, review_90: 0 }, 'none lately'],
    ['support', { ticket_90: 0, review_90: 2 }, '2 reviews'],
  ])('say of %s, knowing %o: %s', (group, known, value) => {
    expect(valueOf(group, known)).toBe(value);
  });

  it('tell one from several', () => {
    const words = (known: Record<string, number>) => [valueOf('basket', known), valueOf('support', known)];
    expect(words({ items_per_occasion: 1, review_stars: 1 })).toEqual(['1 item a purchase', '1 star']);
    expect(words({ items_per_occasion: 1.667, review_stars: 4, ticket_90: 1 })).toEqual([
      '1.67 items a purchase',
      '1 ticket, 4 stars',
    ]);
  });

  it('are of the feature that each group is about, in its unit', () => {
    const known: Record<string, number> = {
      days_since_last: 12,
      repeat_days: 2,
      total_spend: 1234.5,
      spend_trend: -0.15,
      gap_mean_days: 30.4,
      age_days: 400,
      distinct_products: 5,
      return_rate: 0.126,
      days_since_event: 1,
    };
    const rowOf = (values: Record<string, number>) => ({
      customerId: '1',
      asOf: new Date('2026-01-01'),
      features: featureDefinitions.map(({ name }) => values[name] ?? null),
      narrative: [
        { group: 'trend' as const, text: 'steady.' },
        { group: 'covariates' as const, text: 'channel e-mail.', attribute: 'channel' },
        { group: 'covariates' as const, text: 'plan premium.', attribute: 'plan' },
        { group: 'country' as const, text: 'from Chile.' },
      ],
    });
    const value = (group: FeatureGroup) => describeGroup(group, rowOf(known)).value;
    expect(Object.fromEntries(featureGroups.map((group) => [group, value(group)]))).toEqual({
      recency: '12 days ago',
      frequency: '3 purchases',
      spend: '1,234.50 in all',
      trend: 'steady',
      cadence: 'every 30 days',
      tenure: '400 days',
      categories: '5 different products',
      basket: '',
      returns: '13 % of spend',
      engagement: 'active 1 day ago',
      support: 'none lately',
      country: 'Chile',
      season: '',
      horizon: '',
      covariates: 'channel e-mail, plan premium',
    });
  });
});
