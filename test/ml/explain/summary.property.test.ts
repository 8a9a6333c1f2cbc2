import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Contribution, type ExplanationContent, toExplanation } from '../../../src/ml/explain/explanation.js';
import { summarise, type SummaryLocale } from '../../../src/ml/explain/summary.js';
import { chineseGroupLabels, describeGroup } from '../../../src/ml/explain/wording.js';
import { featureDefinitions } from '../../../src/ml/features/feature-definitions.js';
import { featureGroups } from '../../../src/ml/features/feature-group.js';
import type { FeatureRow } from '../../../src/ml/features/feature-row.js';

/** Without decimals, with two and with three. */
const currencies = ['USD', 'EUR', 'GBP', 'CNY', 'JPY', 'KRW', 'KWD', 'INR', 'CHF'] as const;

/** From fractions of a cent to millions. */
const money = fc
  .tuple(fc.integer({ min: -999, max: 999 }), fc.integer({ min: -4, max: 4 }))
  .map(([digits, magnitude]) => digits * 10 ** magnitude);

const amounts = fc
  .tuple(...featureGroups.map(() => fc.option(money, { freq: 2 })))
  .map(
    (values) => new Map(values.flatMap((value, i) => (value === null ? [] : [[featureGroups[i]!, value] as const]))),
  );

const row: fc.Arbitrary<FeatureRow> = fc
  .tuple(
    fc.array(fc.option(fc.double({ min: 0, max: 1_000, noNaN: true }), { freq: 4 }), {
      minLength: featureDefinitions.length,
      maxLength: featureDefinitions.length,
    }),
    fc.option(fc.constantFrom('united kingdom', 'eire', 'korea, south')),
  )
  .map(([features, country]) => ({
    customerId: '1',
    asOf: new Date('2024-07-01'),
    features,
    narrative: country ? [{ group: 'country' as const, text: `from ${country}.` }] : [],
  }));

const explanation: fc.Arbitrary<ExplanationContent> = fc
  .record({
    row,
    amounts,
    baseline: money,
    // What was left unexplained may be much or little.
    residual: fc.oneof(fc.constant(0), money),
    close: fc.integer({ min: 0, max: 9 }),
    horizonDays: fc.integer({ min: 1, max: 1_826 }),
  })
  .map(({ row: customer, amounts: byGroup, baseline, residual, close, horizonDays }) =>
    toExplanation({
      predicted:
        close === 0
          ? baseline * 1.01
          : [...byGroup.values()].reduce((sum, amount) => sum + amount, baseline + residual),
      baseline,
      amounts: byGroup,
      describe: (group) => describeGroup(group, customer),
      tokens: [],
      narrative: [],
      completenessError: 0,
      horizonDays,
    }),
  );

interface Said {
  readonly predicted: string;
  readonly days: string | undefined;
  readonly direction: 'more' | 'less' | 'same';
  readonly baseline: string | undefined;
  readonly because: string;
  readonly inSpiteOf: string;
}

function read(text: string, locale: SummaryLocale): Said | null {
  const pattern =
    locale === 'en'
      ? /^Expected to spend (.*?) in the next (?:day|(\d+) days), (?:about as much as a typical customer|(more|less) than a typical customer's (.*?)(?:, because of (.*?))?(?:, in spite of (.*))?)\.$/
      : /^预计未来(\d+)天消费(.*?)，(?:与典型客户相当|(高于|低于)典型客户的(.*?)(?:，主要因为(.*?))?(?:，尽管(.*))?)。$/;
  const found = pattern.exec(text);
  if (!found) return null;
  const [, first, second, direction, baseline, because = '', inSpiteOf = ''] = found;
  return {
    predicted: locale === 'en' ? first! : second!,
    days: locale === 'en' ? second : first,
    direction: direction === undefined ? 'same' : direction === 'more' || direction === '高于' ? 'more' : 'less',
    baseline,
    because,
    inSpiteOf,
  };
}

/** The number that a text with a currency's sign and grouping stands for. */
const numberOf = (text = ''): number => Number(text.replaceAll(/[^\d.-]/g, ''));

const digitsOf = new Map(
  currencies.map((currency: string) => [
    currency,
    new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits!,
  ]),
);

/** As it reads in a currency, halves away from zero; never -0. */
function rounded(amount: number, currency: string): number {
  const factor = 10 ** digitsOf.get(currency)!;
  return (Math.sign(amount) * Math.round(Number((Math.abs(amount) * factor).toPrecision(15)))) / factor + 0;
}

interface Named {
  readonly contribution: Contribution;
  readonly saidAmount: number;
}

/** The contributions that a list names; null where it names something else. */
function listed(list: string, { contributions }: ExplanationContent, locale: SummaryLocale): Named[] | null {
  const name = ({ group, label, value }: Contribution) =>
    locale === 'zh' ? chineseGroupLabels[group] : `${label.toLowerCase()}${value ? ` (${value})` : ''}`;
  const found: Named[] = [];
  for (let rest = list; rest !== '';) {
    const contribution = contributions.find((each) => rest.startsWith(name(each)));
    const after = contribution && rest.slice(name(contribution).length);
    const amount = after && /^(?:（| )([+-])(.*?\d)(?=$|, \D|）|、)）?(?:, |、)?/.exec(after);
    if (!amount) return null;
    found.push({ contribution, saidAmount: numberOf(amount[2]) * (amount[1] === '+' ? 1 : -1) });
    rest = after.slice(amount[0].length);
  }
  return found;
}

/** Everything in which the sentence says other than the numbers. */
function contradictions(content: ExplanationContent, currency: string, locale: SummaryLocale): string[] {
  const text = summarise(content, currency, locale);
  const { predicted, baseline, contributions, horizonDays } = content;
  const said = read(text, locale);
  const because = listed(said?.because ?? '', content, locale);
  const inSpiteOf = listed(said?.inSpiteOf ?? '', content, locale);
  if (!said || !because || !inSpiteOf) return [`not to be read: ${text}`];
  const difference = predicted - baseline;
  const isSame = said.direction === 'same';
  const readsTheSame = rounded(predicted, currency) === rounded(baseline, currency);
  const named = [...because, ...inSpiteOf];
  const visible = contributions.filter(({ amount }) => rounded(amount, currency) !== 0);
  const unnamed = visible.filter((contribution) => !named.some((each) => each.contribution === contribution));
  const goesWith = (amount: number) => Math.sign(amount) === Math.sign(difference);
  // One reason beside three objections may be smaller than what is left out, but not than another reason.
  const loneReason = because.length === 1 && inSpiteOf.length === 3 ? because[0]!.contribution : undefined;
  const sizes = named.flatMap(({ contribution: each }) => (each === loneReason ? [] : Math.abs(each.amount)));
  const claims: Record<string, boolean> = {
    'mentions the prior or a hole': !/prior|先验|NaN|undefined|null/i.test(text),
    prediction: Object.is(numberOf(said.predicted), rounded(predicted, currency)),
    horizon: Number(said.days ?? 1) === horizonDays,
    'calls a difference none':
      !isSame || readsTheSame || Math.abs(difference) < 0.02 * Math.max(Math.abs(baseline), 0.01),
    baseline: isSame || Object.is(numberOf(said.baseline), rounded(baseline, currency)),
    direction: isSame || (said.direction === 'more') === difference > 0,
    'direction of what is read': isSame || goesWith(numberOf(said.predicted) - numberOf(said.baseline)),
    amounts: named.every(({ contribution: { amount }, saidAmount }) => saidAmount === rounded(amount, currency)),
    'reasons against the difference': because.every(({ saidAmount }) => goesWith(saidAmount)),
    'objections for the difference': inSpiteOf.every(({ saidAmount }) => goesWith(-saidAmount)),
    'names one twice': new Set(named.map(({ contribution }) => contribution)).size === named.length,
    'too many or too few': named.length === (isSame ? 0 : Math.min(visible.length, 4)),
    'a larger one is left out': isSame || unnamed.every(({ amount }) => Math.abs(amount) <= Math.min(...sizes)),
    'a better reason is left out':
      !loneReason ||
      unnamed.every(({ amount }) => !goesWith(amount) || Math.abs(amount) <= Math.abs(loneReason.amount)),
    'no reason': isSame || because.length > 0 === visible.some(({ amount }) => goesWith(amount)),
  };
  return Object.keys(claims).filter((claim) => !claims[claim]);
}

describe.each(['en', 'zh'] as const)('the summary in %s', (locale) => {
  it('never contradicts the numbers', () => {
    fc.assert(
      fc.property(explanation, fc.constantFrom(...currencies), (content, currency) => {
        expect(contradictions(content, currency, locale)).toEqual([]);
      }),
      { numRuns: 500, seed: 1 },
    );
  });
});
