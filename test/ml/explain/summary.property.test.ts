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

function read(text: string, locale: SummaryLocale): Said {
  const pattern =
    locale === 'en'
      ? /^Expected to spend (.*?) in the next (?:day|(\d+) days), (?:about as much as a typical customer|(more|less) than a typical customer's (.*?)(?:, because of (.*?))?(?:, in spite of (.*))?)\.$/
      : /^预计未来(\d+)天消费(.*?)，(?:与典型客户相当|(高于|低于)典型客户的(.*?)(?:，主要因为(.*?))?(?:，尽管(.*))?)。$/;
  const found = pattern.exec(text);
  expect(found, text).not.toBeNull();
  const [, first, second, direction, baseline, because = '', inSpiteOf = ''] = found!;
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
const numberOf = (text: string): number => Number(text.replaceAll(/[^\d.-]/g, ''));

/** As it reads in a currency, halves away from zero. */
function rounded(amount: number, currency: string): number {
  const digits = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits!;
  const factor = 10 ** digits;
  return (Math.sign(amount) * Math.round(Number((Math.abs(amount) * factor).toPrecision(15)))) / factor + 0;
}

/** The contributions that a list names, each with the amount that it says. */
function listed(list: string, { contributions }: ExplanationContent, locale: SummaryLocale): [Contribution, number][] {
  const found: [Contribution, number][] = [];
  let rest = list;
  while (rest !== '') {
    const name = ({ group, label, value }: Contribution) =>
      locale === 'zh' ? chineseGroupLabels[group] : `${label.toLowerCase()}${value ? ` (${value})` : ''}`;
    const contribution = contributions.find((each) => rest.startsWith(name(each)));
    expect(contribution, `${rest} of ${list}`).toBeDefined();
    const amount = /^(?:（| )([+-])(.*?\d)(?=$|, \D|）|、)）?(?:, |、)?/.exec(rest.slice(name(contribution!).length));
    expect(amount, rest).not.toBeNull();
    found.push([contribution!, numberOf(amount![2]!) * (amount![1] === '+' ? 1 : -1)]);
    rest = rest.slice(name(contribution!).length + amount![0].length);
  }
  return found;
}

describe.each(['en', 'zh'] as const)('the summary in %s', (locale) => {
  it('never contradicts the numbers', () => {
    fc.assert(
      fc.property(explanation, fc.constantFrom(...currencies), (content, currency) => {
        const text = summarise(content, currency, locale);
        expect(text).not.toMatch(/prior|先验|NaN|undefined|null/i);
        const said = read(text, locale);
        const { predicted, baseline, contributions, horizonDays } = content;
        expect(numberOf(said.predicted)).toBe(rounded(predicted, currency));
        expect(Number(said.days ?? 1)).toBe(horizonDays);
        const difference = predicted - baseline;

        if (said.direction === 'same') {
          const readsTheSame = rounded(predicted, currency) === rounded(baseline, currency);
          expect(readsTheSame || Math.abs(difference) < 0.02 * Math.max(Math.abs(baseline), 0.01)).toBe(true);
          return;
        }
        expect(numberOf(said.baseline!)).toBe(rounded(baseline, currency));
        expect(said.direction).toBe(difference > 0 ? 'more' : 'less');
        expect(Math.sign(numberOf(said.predicted) - numberOf(said.baseline!))).toBe(Math.sign(difference));

        const because = listed(said.because, content, locale);
        const inSpiteOf = listed(said.inSpiteOf, content, locale);
        for (const [contribution, amount] of [...because, ...inSpiteOf]) {
          expect(amount).toBe(rounded(contribution.amount, currency));
          expect(amount).not.toBe(0);
        }
        for (const [, amount] of because) expect(Math.sign(amount)).toBe(Math.sign(difference));
        for (const [, amount] of inSpiteOf) expect(Math.sign(amount)).toBe(-Math.sign(difference));

        const named = [...because, ...inSpiteOf].map(([contribution]) => contribution);
        expect(new Set(named).size).toBe(named.length);
        expect(named.length).toBeLessThanOrEqual(4);
        const visible = contributions.filter(({ amount }) => rounded(amount, currency) !== 0);
        expect(named.length).toBe(Math.min(visible.length, 4));
        // The largest ones; only the one reason beside three objections may be smaller, as the largest reason there is.
        const loneReason = because.length === 1 && inSpiteOf.length === 3 ? because[0]![0] : undefined;
        const sizes = named.filter((contribution) => contribution !== loneReason).map(({ amount }) => Math.abs(amount));
        for (const other of visible.filter((contribution) => !named.includes(contribution))) {
          expect(Math.abs(other.amount)).toBeLessThanOrEqual(Math.min(...sizes));
          if (loneReason && Math.sign(other.amount) === Math.sign(difference)) {
            expect(Math.abs(other.amount)).toBeLessThanOrEqual(Math.abs(loneReason.amount));
          }
        }
        // A difference that something explains has a reason.
        const explains = visible.some(({ amount }) => Math.sign(amount) === Math.sign(difference));
        expect(because.length > 0).toBe(explains);
      }),
      { numRuns: 500, seed: 1 },
    );
  });
});
