import { dayMs, startOfDay } from '../../days.js';
import { clamp, mean } from '../../math.js';
import type { Random } from '../../random.js';
import type { Catalogue, DemoCategory } from './catalogue.js';
import { drawCountry, type Country } from './people.js';
import { monthOf, shopYear, type MonthlyWeights } from './seasons.js';
import { Weighted } from './weighted.js';

export const yearMs = 365.25 * dayMs;

const shopperTypes = ['gift giver', 'regular', 'bargain hunter', 'trade buyer'] as const;
export type ShopperType = (typeof shopperTypes)[number];

/** What a kind of shopper has in common; every customer then varies around it. */
interface ShopperProfile {
  readonly share: number;
  /** Mean purchases a year while active. */
  readonly purchasesPerYear: number;
  /** Parameters of Beta(a, b), the distribution of the probability of leaving for good after an order. */
  readonly dropout: readonly [a: number, b: number];
  /** Mean order value, as a multiple of the catalogue's median price. */
  readonly basket: number;
  /** Mean number of different products of an order beyond the first. */
  readonly extraLines: number;
  /** How far the customer follows the year's shape: 0 not at all, 1 as the shop, 2 twice as peaked. */
  readonly seasonality: number;
  readonly returns: number;
  readonly priceSensitivity: number;
}

export const profiles: Readonly<Record<ShopperType, ShopperProfile>> = {
  'gift giver': {
    share: 0.34,
    purchasesPerYear: 2.6,
    dropout: [1, 5.5],
    basket: 2.4,
    extraLines: 0.9,
    seasonality: 1.7,
    returns: 0.05,
    priceSensitivity: 0.4,
  },
  regular: {
    share: 0.36,
    purchasesPerYear: 6,
    dropout: [0.8, 8],
    basket: 2.8,
    extraLines: 1,
    seasonality: 0.7,
    returns: 0.06,
    priceSensitivity: 0.3,
  },
  'bargain hunter': {
    share: 0.23,
    purchasesPerYear: 4,
    dropout: [1.2, 5],
    basket: 1.7,
    extraLines: 0.6,
    seasonality: 1,
    returns: 0.13,
    priceSensitivity: 0.9,
  },
  'trade buyer': {
    share: 0.07,
    purchasesPerYear: 9,
    dropout: [0.6, 10],
    basket: 14,
    extraLines: 2.6,
    seasonality: 0.9,
    returns: 0.03,
    priceSensitivity: 0.5,
  },
};

const types = new Weighted(
  shopperTypes,
  shopperTypes.map((type) => profiles[type].share),
);

const channels = ['search', 'social', 'friend', 'newsletter', 'marketplace'] as const;
type Channel = (typeof channels)[number];

/** The latent truth about a customer. It decides everything and is never stored. */
export interface CustomerTraits {
  readonly type: ShopperType;
  readonly country: Country;
  readonly channel: Channel;
  /** Instant of registration, and of the first order of those who buy. */
  readonly acquiredAt: number;
  readonly buys: boolean;
  /** Purchases a year while active, at an average time of year. */
  readonly purchasesPerYear: number;
  /** Probability of leaving after an order that went well. */
  readonly dropoutProbability: number;
  /** Instant at which life takes the customer elsewhere, whatever the shop does. */
  readonly lifetimeEnd: number;
  /** Mean order value, in the shop's currency. */
  readonly meanOrderValue: number;
  readonly priceSensitivity: number;
  readonly returnProbability: number;
  /** 0 to 1: how keenly the customer browses and reads mail. */
  readonly engagement: number;
  /** Two or three favourite departments, weighted. */
  readonly preferences: Weighted<DemoCategory>;
  /** How lively each month is for the customer; the mean is 1. */
  readonly year: MonthlyWeights;
}

interface TraitsOptions {
  /** Orders and events lie before this instant. */
  readonly until: number;
  readonly years: number;
}

export function drawTraits(random: Random, catalogue: Catalogue, { until, years }: TraitsOptions): CustomerTraits {
  const type = types.pick(random);
  const profile = profiles[type];
  const country = drawCountry(random);
  const channel = random.pick(channels, channelWeights[type]);
  const acquiredAt = drawAcquisition(random, until, years);
  const dropoutProbability = random.beta(...profile.dropout) * (channel === 'friend' ? 0.7 : 1);
  const preferences = drawPreferences(random, catalogue);
  return {
    type,
    country,
    channel,
    acquiredAt,
    buys: random.uniform() > 0.03,
    // Rates are gamma-distributed around the type's mean (Schmittlein, Morrison & Colombo 1987).
    purchasesPerYear: random.gamma(1.6, 1.6 / profile.purchasesPerYear),
    dropoutProbability,
    lifetimeEnd: acquiredAt + random.exponential(random.gamma(2, 2 * 3.5)) * yearMs,
    // 1 / gamma is the customer's mean in the Gamma-Gamma model of spend (Fader & Hardie 2013).
    meanOrderValue: (catalogue.medianPrice * profile.basket * country.spend * 2.4) / random.gamma(3.4),
    priceSensitivity: clamp(profile.priceSensitivity + random.normal(0, 0.15), 0, 1),
    returnProbability: Math.min(0.5, profile.returns * random.gamma(2, 2)),
    engagement: random.beta(2 * (1.2 - dropoutProbability), 2.5),
    preferences,
    year: yearOf(profile.seasonality, preferences.items),
  };
}

const channelWeights: Readonly<Record<ShopperType, readonly number[]>> = {
  'gift giver': [35, 30, 15, 10, 10],
  regular: [35, 15, 25, 20, 5],
  'bargain hunter': [25, 25, 5, 10, 35],
  'trade buyer': [50, 5, 25, 10, 10],
};

/** Draws the day of joining: more customers join each year than in the one before, and more before Christmas than in spring. */
function drawAcquisition(random: Random, until: number, years: number): number {
  const growth = 0.3;
  for (;;) {
    const age = years - Math.log1p(random.uniform() * Math.expm1(growth * years)) / growth;
    const time = until - age * yearMs;
    const weight = shopYear[monthOf(time)] as number;
    if (random.uniform() * 1.8 < weight) return atShoppingHour(random, time, until);
  }
}

function drawPreferences(random: Random, catalogue: Catalogue): Weighted<DemoCategory> {
  const count = 2 + random.integer(2);
  const favourites = new Set<DemoCategory>();
  while (favourites.size < count) favourites.add(random.pick(catalogue.categories));
  return new Weighted(
    [...favourites],
    [...favourites].map((_, rank) => 1 / (rank + 1)),
  );
}

/** The shop's year and the seasons of the favourite departments, as peaked as the customer is seasonal. */
function yearOf(seasonality: number, favourites: readonly DemoCategory[]): MonthlyWeights {
  const raw = shopYear.map((weight, month) => {
    const season = favourites.reduce((sum, { season }) => sum + (season[month] as number), 0) / favourites.length;
    return Math.max(0.05, 1 + seasonality * (weight * (0.5 + 0.5 * season) - 1));
  });
  const average = mean(raw);
  return raw.map((weight) => weight / average);
}

/** The same UTC day at an hour when people shop (whole seconds), but before `until`. */
export function atShoppingHour(random: Random, time: number, until: number): number {
  const midnight = startOfDay(new Date(time)).getTime();
  const hour = clamp(random.normal(15, 4), 0.1, 23.9);
  return Math.min(midnight + Math.round(hour * 3600) * 1000, until - 1000);
}
