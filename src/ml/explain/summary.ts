import type { Contribution, ExplanationContent } from './explanation.js';
import { chineseGroupLabels } from './wording.js';

export const summaryLocales = ['en', 'zh'] as const;
export type SummaryLocale = (typeof summaryLocales)[number];

/** The contributions that are named, largest first: those in the direction of the difference, and those against it. */
interface Argument {
  readonly direction: 'more' | 'less' | 'same';
  readonly reasons: readonly Contribution[];
  readonly against: readonly Contribution[];
}

/** Differences below this share of the baseline count as none. */
const noticeable = 0.02;
/** More would be a list, not a sentence. */
const mostNamed = 4;

/** An explanation in one sentence. */
export function summarise(content: ExplanationContent, currency: string, locale: SummaryLocale): string {
  const money = moneyFormat(currency, locale);
  const argument = argumentOf(content, money);
  return locale === 'zh' ? inChinese(content, argument, money) : inEnglish(content, argument, money);
}

/** Money in the digits and signs of its currency; nothing is never negative. */
export function moneyFormat(currency: string, locale: SummaryLocale): Intl.NumberFormat {
  const language = locale === 'zh' ? 'zh-CN' : 'en-US';
  return new Intl.NumberFormat(language, { style: 'currency', currency, signDisplay: 'negative' });
}

function argumentOf({ predicted, baseline, contributions }: ExplanationContent, money: Intl.NumberFormat): Argument {
  const difference = predicted - baseline;
  const isSame = Math.abs(difference) < noticeable * Math.max(Math.abs(baseline), 0.01);
  // In a currency without decimals two different amounts may read the same.
  if (isSame || money.format(predicted) === money.format(baseline)) {
    return { direction: 'same', reasons: [], against: [] };
  }
  const sign = Math.sign(difference);
  const supports = ({ amount }: Contribution) => amount * sign > 0;
  const visible = contributions.filter(({ amount }) => money.format(Math.abs(amount)) !== money.format(0));
  const largest = visible.slice(0, mostNamed);
  // A difference needs a reason: if none is among the largest contributions, the largest reason replaces the last of them.
  const reason = visible.find(supports);
  const named = reason && !largest.some(supports) ? [...largest.slice(0, mostNamed - 1), reason] : largest;
  return {
    direction: sign > 0 ? 'more' : 'less',
    reasons: named.filter(supports),
    against: named.filter((contribution) => !supports(contribution)),
  };
}

function inEnglish(content: ExplanationContent, argument: Argument, money: Intl.NumberFormat): string {
  const { predicted, baseline, horizonDays } = content;
  const days = horizonDays === 1 ? 'day' : `${horizonDays} days`;
  const opening = `Expected to spend ${money.format(predicted)} in the next ${days}`;
  if (argument.direction === 'same') return `${opening}, about as much as a typical customer.`;
  const comparison = `${argument.direction} than a typical customer's ${money.format(baseline)}`;
  const because = argument.reasons.length > 0 ? `, because of ${argument.reasons.map(named(money)).join(', ')}` : '';
  const but = argument.against.length > 0 ? `, in spite of ${argument.against.map(named(money)).join(', ')}` : '';
  return `${opening}, ${comparison}${because}${but}.`;
}

function named(money: Intl.NumberFormat): (contribution: Contribution) => string {
  return ({ label, value, amount }) => {
    const what = value ? `${label.toLowerCase()} (${value})` : label.toLowerCase();
    return `${what} ${amount > 0 ? '+' : '-'}${money.format(Math.abs(amount))}`;
  };
}

function inChinese(content: ExplanationContent, argument: Argument, money: Intl.NumberFormat): string {
  const { predicted, baseline, horizonDays } = content;
  const opening = `预计未来${horizonDays}天消费${money.format(predicted)}`;
  if (argument.direction === 'same') return `${opening}，与典型客户相当。`;
  const signed = ({ group, amount }: Contribution) =>
    `${chineseGroupLabels[group]}（${amount > 0 ? '+' : '-'}${money.format(Math.abs(amount))}）`;
  const comparison = `${argument.direction === 'more' ? '高于' : '低于'}典型客户的${money.format(baseline)}`;
  const because = argument.reasons.length > 0 ? `，主要因为${argument.reasons.map(signed).join('、')}` : '';
  const but = argument.against.length > 0 ? `，尽管${argument.against.map(signed).join('、')}` : '';
  return `${opening}，${comparison}${because}${but}。`;
}
