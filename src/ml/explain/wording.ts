import { featureValue } from '../features/feature-definitions.js';
import type { FeatureGroup } from '../features/feature-group.js';
import type { FeatureRow } from '../features/feature-row.js';

const groupLabels: Record<FeatureGroup, string> = {
  recency: 'Last purchase',
  frequency: 'Number of purchases',
  spend: 'Amounts spent',
  trend: 'Trend of spending',
  cadence: 'Rhythm of purchases',
  tenure: 'Time as a customer',
  categories: 'What is bought',
  basket: 'Size and content of purchases',
  returns: 'Returns',
  engagement: 'Visits, searches and e-mails',
  support: 'Tickets and reviews',
  country: 'Country',
  season: 'Time of year',
  horizon: 'Length of the horizon',
  covariates: 'Customer attributes',
};

export const chineseGroupLabels: Record<FeatureGroup, string> = {
  recency: '最近一次购买',
  frequency: '购买次数',
  spend: '消费金额',
  trend: '消费趋势',
  cadence: '购买节奏',
  tenure: '客户时长',
  categories: '购买品类',
  basket: '购物篮',
  returns: '退货',
  engagement: '浏览、搜索与邮件',
  support: '工单与评价',
  country: '国家',
  season: '季节',
  horizon: '预测期长度',
  covariates: '客户属性',
};

type Value = (name: string) => number | null;

const count = (n: number, one: string): string => `${n} ${n === 1 ? one : `${one}s`}`;
const some = (n: number | null, one: string): string => (n ? count(n, one) : '');
const rounded = (value: number): number => Number(value.toPrecision(3));
const days = (n: number): string => count(Math.round(n), 'day');
/** In thousands, with cents only where there are any: not every currency has them. */
const amount = (n: number): string =>
  n.toLocaleString('en-US', { minimumFractionDigits: Number.isInteger(n) ? 0 : 2, maximumFractionDigits: 2 });
const percent = (share: number): string => `${share > 0 && share < 0.005 ? 'less than 1' : Math.round(share * 100)} %`;

/** The customer's own value of a group in words; empty where the features have none. */
const wordings: Partial<Record<FeatureGroup, (value: Value) => string>> = {
  recency: (value) => within(value('days_since_last'), (n) => `${days(n)} ago`),
  frequency: (value) => within(value('repeat_days'), (n) => count(n + 1, 'purchase')),
  spend: (value) => within(value('total_spend'), (n) => `${amount(n)} in all`),
  cadence: (value) => within(value('gap_mean_days'), (n) => (Math.round(n) === 1 ? 'every day' : `every ${days(n)}`)),
  tenure: (value) => within(value('age_days'), days),
  categories: (value) => within(value('distinct_products'), (n) => count(n, 'different product')),
  basket: (value) => within(value('items_per_occasion'), (n) => `${count(rounded(n), 'item')} a purchase`),
  returns: (value) => within(value('return_rate'), (n) => `${percent(n)} of spend`),
  season: (value) => within(value('season_share'), (n) => `${percent(n)} of past spend in the coming season`),
  engagement: (value) => {
    const idle = value('days_since_event');
    if (idle === null) return 'none in a year';
    return idle === 0 ? 'active in the last 24 hours' : `active ${days(idle)} ago`;
  },
  support: (value) => {
    const stars = value('review_stars');
    const reviews = stars === null ? some(value('review_90'), 'review') : count(stars, 'star');
    return [some(value('ticket_90'), 'ticket'), reviews].filter((part) => part !== '').join(', ') || 'none lately';
  },
};

function within(value: number | null, word: (value: number) => string): string {
  return value === null ? '' : word(value);
}

/** A group's label and the customer's own value of it. */
export function describeGroup(group: FeatureGroup, row: FeatureRow): { label: string; value: string } {
  const told = toldOf[group];
  const value = told
    ? row.narrative.flatMap((span) => (span.group === group ? told(span.text) : [])).join(', ')
    : (wordings[group]?.((name) => featureValue(row.features, name)) ?? '');
  return { label: groupLabels[group], value };
}

const withoutStop = (text: string): string => text.replace(/\.$/, '');

/** Groups that have no features, or whose span in the narrative says it in words: the span without the words around the value. */
const toldOf: Partial<Record<FeatureGroup, (text: string) => string>> = {
  trend: withoutStop,
  country: (text) => text.replace(/^from (.*)\.$/, '$1'),
  covariates: withoutStop,
};
