import type { spokenTypes } from '../features/event-tables.js';
import type { FeatureGroup, NarrativeSpan } from '../features/feature-group.js';
import { featureValue } from '../features/feature-definitions.js';
import { type Covariate, covariateSpans } from './covariate-span.js';
import {
  captionTheme,
  roughCount,
  distinct,
  duration,
  firstWords,
  productName,
  roundNumber,
  theme,
} from './narrative-wording.js';
import { type Scrubber, scrubberOf } from './scrubbing.js';

/** What the feature statement returns besides numbers. The most important or newest entry of a list comes first. */
export interface NarrativeContext {
  readonly country: string | null;
  /** Categories by spend. */
  readonly categories: readonly string[];
  /** Names of products by how often they were bought. */
  readonly products: readonly string[];
  /** What those products' pictures show, in the same order. */
  readonly captions: readonly string[];
  readonly baskets: readonly Basket[];
  /** Searches, the latest ticket, the latest review. */
  readonly said: readonly Saying[];
  /** Words that must not appear in what the customer said. */
  readonly scrub: string | null;
  /** Attributes that the model is to read. */
  readonly covariates?: readonly Covariate[] | null;
}

export interface Basket {
  readonly daysAgo: number;
  readonly value: number;
  readonly items: number;
  readonly products: readonly string[] | null;
}

interface Saying {
  readonly type: (typeof spokenTypes)[number];
  readonly text: string | null;
  readonly daysAgo: number;
  readonly stars: number | null;
}

/** Words of the theme of what was bought: its breadth tells more than a single product. */
const themeWords = 20;
/** How many of these captions may have, in place of words of names: a longer narrative would lose what stands at its end. */
const captionWords = 10;

type Features = readonly (number | null)[];

/**
 * A customer in short sentences for a language model: pure, lower case, rounded numbers, no personal data. The most
 * telling spans come first, since what does not fit the model is cut off the end.
 */
export function renderNarrative(features: Features, context: NarrativeContext): NarrativeSpan[] {
  const value = (name: string): number | null => featureValue(features, name);
  const [latest, ...earlier] = context.baskets;
  const scrubbed = scrubberOf(context.scrub ?? '');
  const history = spans([
    ['recency', `last bought ${duration(value('days_since_last')!)} ago.`],
    ['frequency', roughCount(value('repeat_days')! + 1, 'order')],
    ['tenure', `in ${duration(value('age_days')!)}.`],
    ['cadence', cadence(value('gap_mean_days'))],
    [
      'spend',
      `spends ${roundNumber(value('mean_occasion_value')!)} an order, ${roundNumber(value('total_spend')!)} in all.`,
    ],
    ['trend', trend(value('spend_trend'))],
  ]);
  const rest = spans([
    ['categories', taste(context)],
    ['support', support(context, scrubbed)],
    ['engagement', engagement(features, context, scrubbed)],
    ['basket', latest && `last time ${goodsOf(latest, 3)}`],
    ['returns', returns(value('return_rate')!)],
    ['country', context.country && `from ${firstWords(context.country, 4)}.`],
    ...earlierVisits(earlier),
  ]);
  return [...history, ...covariateSpans(context.covariates), ...rest];
}

function spans(parts: readonly [FeatureGroup, string | null | undefined][]): NarrativeSpan[] {
  return parts.flatMap(([group, text]) => (text ? [{ group, text }] : []));
}

function cadence(gapDays: number | null): string | null {
  return gapDays === null ? null : `usually every ${duration(gapDays)}.`;
}

function trend(balance: number | null): string | null {
  if (balance === null) return null;
  if (Math.abs(balance) < 0.2) return 'steady.';
  return balance > 0 ? 'rising.' : 'falling.';
}

function taste({ categories, products, captions }: NarrativeContext): string | null {
  const shown = captionTheme(captions, captionWords);
  const named = theme(products, themeWords - shown.length);
  const words = distinct([...categories.map((name) => firstWords(name, 3)), ...named, ...shown]);
  return words.length > 0 ? `buys ${words.join(', ')}.` : null;
}

function goodsOf({ items, value, products }: Basket, named: number): string {
  const names = distinct((products ?? []).map((name) => productName(name, 3))).slice(0, named);
  const goods = names.length > 0 ? `: ${names.join(', ')}` : '';
  return `${roughCount(items, 'item')} for ${roundNumber(value)}${goods}.`;
}

/** A span for each visit if any of them has goods to name, else one for all. */
function earlierVisits(visits: readonly Basket[]): [FeatureGroup, string][] {
  if (visits.some(({ products }) => products?.length)) {
    return visits.map((visit) => ['basket', `${duration(visit.daysAgo)} ago ${goodsOf(visit, 1)}`]);
  }
  const parts = visits.map(({ daysAgo, value }) => `${duration(daysAgo)} ago ${roundNumber(value)}`);
  return parts.length > 0 ? [['basket', `earlier ${parts.join(', ')}.`]] : [];
}

function returns(rate: number): string | null {
  return rate >= 0.005 ? `returned ${roundNumber(100 * rate)} percent.` : null;
}

function support({ said }: NarrativeContext, scrubbed: Scrubber): string | null {
  const texts = said.flatMap(({ type, text, daysAgo, stars }) => {
    const words = scrubbed(text ?? '', 8);
    const detail = words ? `: ${words}` : '';
    if (type === 'SUPPORT_TICKET') return [`ticket ${duration(daysAgo)} ago${detail}.`];
    if (type !== 'REVIEW') return [];
    return [`review${stars === null ? '' : ` ${roughCount(stars, 'star')}`}${detail}.`];
  });
  return texts.length > 0 ? texts.join(' ') : null;
}

function engagement(features: Features, { said }: NarrativeContext, scrubbed: Scrubber): string | null {
  const searches = distinct(said.filter(({ type }) => type === 'SEARCH').map(({ text }) => scrubbed(text ?? '', 4)));
  const visits = featureValue(features, 'browse_90')! + featureValue(features, 'click_90')!;
  const carts = featureValue(features, 'cart_90')!;
  const parts = [
    searches.length > 0 ? `searched for ${searches.join(', ')}.` : '',
    visits > 0 ? `${roughCount(visits, 'visit')} lately.` : '',
    carts > 0 ? `cart ${roundNumber(carts)}.` : '',
  ].filter((part) => part !== '');
  return parts.length > 0 ? parts.join(' ') : null;
}
