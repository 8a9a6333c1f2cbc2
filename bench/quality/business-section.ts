import { pairedBootstrap } from '../../src/ml/training/metrics/paired-bootstrap.js';
import {
  bestProfitOf,
  plannedDepth,
  plannedProfitOf,
  profitArea,
  type ProfitCurve,
  profitCurve,
} from './metrics/profit-curve.js';
import { mean } from '../../src/math.js';
import type { CampaignTerms } from '../../src/services/campaigns/campaign-terms.js';
import { markdownTable, percent } from './markdown.js';
import { profitPlot } from './profit-plot.js';

interface BusinessRanking {
  readonly name: string;
  /** Of each customer, in the order of `actual`; higher is contacted earlier. */
  readonly scores: ArrayLike<number>;
  /** Whether the scores are expected spend in currency, so that they can also say how many to contact. */
  readonly isForecast: boolean;
}

interface BusinessProtocol {
  /** As that of a `Protocol`, with the source of the labels. */
  readonly title: string;
  /** ISO 4217. */
  readonly currency: string;
  /** Net spend in the horizon, in currency. */
  readonly actual: ArrayLike<number>;
  /** The first is ours: the others are compared with it. A random order and perfect foresight are added. */
  readonly rankings: readonly BusinessRanking[];
  /** Where the report finds the plot. */
  readonly plotPath: string;
}

interface BusinessSection {
  readonly markdown: string;
  /** The content of `plotPath`. */
  readonly svg: string;
}

const margin = 0.3;
const uplift = 0.1;
const draws = 1_000;
const seed = 'business';
const shownDepths = [1, 2, 3, 5] as const;
const costFactors = [0.5, 1, 2] as const;

type DrawnRanking = BusinessRanking & { readonly curve: ProfitCurve };

/**
 * Terms at which writing to everybody earns exactly nothing: a contact costs what an average customer brings. Whatever
 * a ranking earns then comes from choosing whom to contact, and nothing depends on a price that we made up.
 */
export function neutralTerms(actual: ArrayLike<number>): CampaignTerms {
  return { margin, uplift, contactCost: margin * uplift * mean(Array.from(actual)) };
}

/**
 * What each ranking would have earned in a closed window, for a marketing lead: a paragraph, tables and a plot.
 * @throws ClvError BAD_USER_INPUT where customers together spent nothing
 */
export async function businessSection({
  title,
  currency,
  actual,
  rankings,
  plotPath,
}: BusinessProtocol): Promise<BusinessSection> {
  const terms = neutralTerms(actual);
  const drawn = rankings.map((ranking) => ({ ...ranking, curve: profitCurve(ranking.scores, actual, terms) }));
  const perfect = profitCurve(actual, actual, terms);
  const random = profitCurve(new Float64Array(actual.length), actual, terms);
  const differences = await differencesFromFirst(drawn, actual, terms);
  const report = new SectionWriter(currency, actual.length, perfect.bestProfit);
  const others: DrawnRanking[] = [{ name: 'random order', scores: [], isForecast: false, curve: random }];
  const markdown = [
    `### ${title}`,
    report.summary(drawn, terms),
    `![${title}: profit by depth](${plotPath})`,
    report.curves([...drawn, ...others], differences),
    report.decided(
      drawn.filter(({ isForecast }) => isForecast),
      actual,
      terms,
    ),
    costTable(drawn, actual, terms),
  ].join('\n\n');
  const svg = profitPlot({
    title,
    currency,
    curves: [...drawn, ...others].map(({ name, curve }) => ({ name, ...curve })),
  });
  return { markdown: `${markdown}\n`, svg };
}

interface Differences {
  readonly profit: string;
  readonly area: string;
}

/** Of each ranking after the first: the first less it, as text. */
async function differencesFromFirst(
  [first, ...others]: readonly DrawnRanking[],
  actual: ArrayLike<number>,
  terms: CampaignTerms,
): Promise<Map<string, Differences>> {
  const found = new Map<string, Differences>();
  if (!first) return found;
  for (const { name, scores } of others) {
    const pair = { a: first.scores, b: scores, actual, draws, seed };
    const profit = await pairedBootstrap(bestProfitOf(terms), pair);
    const area = await pairedBootstrap(profitArea, pair);
    found.set(name, {
      profit: difference(profit, (value) => signed(value, 0)),
      area: difference(area, (value) => signed(value, 3)),
    });
  }
  return found;
}

class SectionWriter {
  constructor(
    private readonly currency: string,
    private readonly customers: number,
    /** Best profit of an order by what was really spent. */
    private readonly attainable: number,
  ) {}

  summary([first, ...others]: readonly DrawnRanking[], { contactCost }: CampaignTerms): string {
    const premise =
      `Say that a contact makes a customer spend ${uplift * 100} % more than they did, that ${margin * 100} % of it is ` +
      `kept, and that it costs ${this.amount(contactCost, 2)}, just what the average customer then brings: writing to ` +
      'all of them earns nothing, and all profit comes from knowing whom to write to.';
    if (!first) return premise;
    const best = (ranking: DrawnRanking) =>
      `${ranking.name} would have earned **${this.amount(ranking.curve.bestProfit)}** with its best ` +
      `${this.share(ranking.curve.bestDepth)} of ${whole(this.customers)} customers`;
    const compared = others.map(({ name, curve }) => `${name} ${this.amount(curve.bestProfit)}`);
    return (
      `${premise}\n\n${best(first)}, ${percent(first.curve.bestProfit / this.attainable)} of what knowing the future would have` +
      `${compared.length > 0 ? ` (${compared.join(', ')})` : ''}.`
    );
  }

  curves(rankings: readonly DrawnRanking[], differences: ReadonlyMap<string, Differences>): string {
    const header = [
      'customers ranked by',
      'best profit',
      'reached at',
      'of the attainable',
      ...shownDepths.map((tenths) => `profit of the top ${tenths * 10} %`),
      'area (0 random, 1 perfect)',
      `${rankings[0]?.name} earns more`,
      'has more area',
    ];
    const rows = rankings.map(({ name, curve }) => [
      name,
      whole(curve.bestProfit),
      // Along a flat line no depth is better than another.
      Math.round(curve.bestProfit) > 0 ? this.share(curve.bestDepth) : '',
      percent(curve.bestProfit / this.attainable),
      ...shownDepths.map((tenths) => whole(curve.deciles[tenths]!)),
      curve.area === null ? '' : (Math.round(1_000 * curve.area) / 1_000 + 0).toFixed(3),
      differences.get(name)?.profit ?? '',
      differences.get(name)?.area ?? '',
    ]);
    return `${markdownTable(header, rows)}\n\nMoney in ${this.currency}. In brackets 95 % intervals of ${whole(draws)} paired bootstrap draws of customers.`;
  }

  /** The depth above is known afterwards only; a forecast has to choose one before. */
  decided(forecasts: readonly DrawnRanking[], actual: ArrayLike<number>, terms: CampaignTerms): string {
    const rows = forecasts.map(({ name, scores, curve }) => {
      const profit = plannedProfitOf(terms)(actual, scores)!;
      return [name, this.share(plannedDepth(scores, terms)), whole(profit), percent(profit / curve.bestProfit)];
    });
    return (
      'The best depth is known afterwards only. A forecast in money also says beforehand whom a contact pays for; points ' +
      `and ranks do not.\n\n${markdownTable(['forecast', 'contacts', 'profit', 'of its best'], rows)}`
    );
  }

  private amount(value: number, digits = 0): string {
    return `${value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })} ${this.currency}`;
  }

  private share(depth: number): string {
    return percent(depth / this.customers);
  }
}

/** What is attained of the best profit that foresight would make, if contacts are cheaper or dearer. */
function costTable(rankings: readonly DrawnRanking[], actual: ArrayLike<number>, terms: CampaignTerms): string {
  const priced = costFactors.map((factor) => ({ ...terms, contactCost: factor * terms.contactCost }));
  const rows = rankings.map(({ name, scores }) => [
    name,
    ...priced.map((each) => percent(bestProfitOf(each)(actual, scores)! / bestProfitOf(each)(actual, actual)!)),
  ]);
  const header = [
    'share of the attainable profit',
    ...costFactors.map((factor) => `contact at ${factor} times the cost`),
  ];
  return markdownTable(header, rows);
}

/** In bold where the interval leaves out 0. */
function difference(
  { difference, lower, upper }: { difference: number; lower: number; upper: number },
  text: (value: number) => string,
): string {
  const value = lower > 0 || upper < 0 ? `**${text(difference)}**` : text(difference);
  return `${value} (${text(lower)} to ${text(upper)})`;
}

/** Without a sign on a zero. */
const whole = (value: number): string => (Math.round(value) + 0).toLocaleString('en');
const signed = (value: number, digits: number): string =>
  value.toLocaleString('en', {
    signDisplay: 'exceptZero',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
