import type { Contribution, ExplanationContent } from './explanation.js';
import { chineseGroupLabels } from './wording.js';

export const summaryLocales = ['en', 'zh'] as const;
export type SummaryLocale = (typeof summaryLocales)[number];

/** Reasons that are named: those that carry weight, at most three of the winning side and one of the other. */
interface Argument {
  readonly direction: 'more' | 'less' | 'same';
  readonly reasons: readonly Contribution[];
  readonly against: Contribution | undefined;
}

/** Differences below this share of the baseline are called none. */
const noticeable = 0.02;

/** One sentence that says what the numbers of the explanation say. */
export function summarise(content: ExplanationContent, currency: string, locale: SummaryLocale): string {
  const argument = argumentOf(content);
  const money = new Intl.NumberFormat(locale === 'zh' ? 'zh-CN' : 'en-US', { style: 'currency', currency });
  return locale === 'zh' ? inChinese(content, argument, money) : inEnglish(content, argument, money);
}

function argumentOf({ predicted, baseline, contributions }: ExplanationContent): Argument {
  const difference = predicted - baseline;
  if (Math.abs(difference) < noticeable * Math.max(Math.abs(baseline), 0.01)) {
    return { direction: 'same', reasons: [], against: undefined };
  }
  const sign = Math.sign(difference);
  const reasons = contributions.filter(({ amount }) => amount * sign > 0).slice(0, 3);
  const against = contributions.find(({ amount }) => amount * sign < 0);
  return { direction: sign > 0 ? 'more' : 'less', reasons, against };
}

function inEnglish(content: ExplanationContent, argument: Argument, money: Intl.NumberFormat): string {
  const { predicted, baseline, horizonDays } = content;
  const opening = `Expected to spend ${money.format(predicted)} in the next ${horizonDays} days`;
  if (argument.direction === 'same') return `${opening}, about as much as a typical customer.`;
  const comparison = `${argument.direction} than a typical customer's ${money.format(baseline)}`;
  const because = argument.reasons.length > 0 ? `, because of ${argument.reasons.map(named(money)).join(', ')}` : '';
  const but = argument.against ? `, in spite of ${named(money)(argument.against)}` : '';
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
  const but = argument.against ? `，尽管${signed(argument.against)}` : '';
  return `${opening}，${comparison}${because}${but}。`;
}
