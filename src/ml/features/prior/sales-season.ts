import { expectedPurchasesIfAlive, type BgNbdParameters } from './bg-nbd.js';
import type { RfmColumns, RfmSummary } from './rfm-summary.js';

const DAY_MS = 86_400_000;
const YEAR_DAYS = 365.2425;
const MONTHS = 12;
const MONTH_DAYS = YEAR_DAYS / MONTHS;

/**
 * How often active customers buy in each month of the year, January first, as multiples of the year's mean; linear
 * between the middles of months. Purchase rates in proportion to it are constant in *seasonal time*, whose clock runs
 * fast in busy months: a buy-till-you-die model with this one time-varying covariate is the plain model with all its
 * times measured on that clock (cf. Bachmann, Meierer & Näf 2021, "The role of time-varying contextual factors in
 * latent attrition models", section 3).
 */
export type SalesSeason = readonly number[];

/** Seasonal days since 1970-01-01 of an instant, given in days since then. */
function clock(season: SalesSeason, day: number): number {
  const years = Math.floor(day / YEAR_DAYS);
  const position = (day - years * YEAR_DAYS) / MONTH_DAYS;
  const month = Math.min(Math.floor(position), MONTHS - 1);
  let passed = 0;
  for (let i = 0; i < month; i++) passed += integral(season, i, 1);
  return years * YEAR_DAYS + MONTH_DAYS * (passed + integral(season, month, position - month));
}

/** Of the factor over the first part (0 to 1) of a month, in months. */
function integral(season: SalesSeason, month: number, part: number): number {
  const at = (index: number) => season[(index + MONTHS) % MONTHS]!;
  const start = (at(month - 1) + at(month)) / 2;
  const middle = at(month);
  const end = (at(month) + at(month + 1)) / 2;
  const first = Math.min(part, 0.5);
  const second = Math.max(part - 0.5, 0);
  return first * (start + (middle - start) * first) + second * (middle + (end - middle) * second);
}

/** The same customer on the seasonal clock. */
export function inSeasonalTime(season: SalesSeason, customer: RfmSummary, asOf: Date): RfmSummary {
  const now = asOf.getTime() / DAY_MS;
  const first = clock(season, now - customer.age);
  return {
    ...customer,
    recency: clock(season, now - customer.age + customer.recency) - first,
    age: clock(season, now) - first,
  };
}

/** @returns the length of [asOf, asOf + horizon) on the seasonal clock, in days */
export function seasonalHorizon(season: SalesSeason, asOf: Date, horizonDays: number): number {
  const now = asOf.getTime() / DAY_MS;
  return clock(season, now + horizonDays) - clock(season, now);
}

export function columnsInSeasonalTime(season: SalesSeason, columns: RfmColumns, asOf: Date): RfmColumns {
  const now = asOf.getTime() / DAY_MS;
  const clocks = new Map<number, number>();
  const read = (day: number) => {
    const known = clocks.get(day);
    if (known !== undefined) return known;
    const value = clock(season, day);
    clocks.set(day, value);
    return value;
  };
  const { age, recency } = columns;
  return {
    ...columns,
    age: age.map((days) => read(now) - read(now - days)),
    recency: recency.map((days, i) => read(now - age[i]! + days) - read(now - age[i]!)),
  };
}

/** Repeat purchases of the customers whose seasons are learnt, in one calendar month; UTC. */
export interface MonthOfPurchases {
  readonly year: number;
  /** 1 to 12 */
  readonly month: number;
  readonly repeatPurchases: number;
}

/** History in which most of the year was seen twice, or in years that differ: less cannot tell season from growth. */
const LEAST_HISTORY_DAYS = 450;
/** Share of customers acquired in the later half of history, below which tenure and calendar are one and the same. */
const LEAST_NEW_SHARE = 0.1;
const ROUNDS = 4;
/** Purchases at the model's own rate that each month is given beforehand: a month seldom seen stays near 1. */
const PRIOR_PURCHASES = 30;

/**
 * Learns the season of repeat purchases: fits the purchase model on the clock so far, and multiplies each month's factor
 * by the purchases that were made over those that the model expects of all customers from their first day on
 * (equation 9 of Fader, Hardie & Lee 2005), four times over.
 *
 * @param columns customers as of `asOf`, in calendar days
 * @returns null where history cannot tell seasons from growth or from the ageing of one cohort
 */
export function learnSalesSeason(
  columns: RfmColumns,
  months: readonly MonthOfPurchases[],
  asOf: Date,
  fitPurchases: (columns: RfmColumns) => BgNbdParameters & { readonly timeUnitDays: number },
): SalesSeason | null {
  if (!isIdentified(columns)) return null;
  const now = asOf.getTime() / DAY_MS;
  const cohorts = countBy(columns.age, (age) => now - age);
  const actual = purchasesByMonth(months);
  let season: SalesSeason = Array.from({ length: MONTHS }, () => 1);
  for (let round = 0; round < ROUNDS; round++) {
    const parameters = fitPurchases(columnsInSeasonalTime(season, columns, asOf));
    const expected = expectedByMonth(season, parameters, cohorts, now);
    const factors = season.map(
      (factor, i) => (factor * (actual[i]! + PRIOR_PURCHASES)) / (expected[i]! + PRIOR_PURCHASES),
    );
    const mean = factors.reduce((sum, factor) => sum + factor, 0) / MONTHS;
    season = factors.map((factor) => factor / mean);
  }
  return season;
}

function isIdentified({ age }: RfmColumns): boolean {
  const history = age.reduce((longest, days) => Math.max(longest, days), 0);
  if (history < LEAST_HISTORY_DAYS) return false;
  const newer = age.reduce((count, days) => (days < history / 2 ? count + 1 : count), 0);
  return newer >= LEAST_NEW_SHARE * age.length;
}

function purchasesByMonth(months: readonly MonthOfPurchases[]): number[] {
  const totals = Array.from({ length: MONTHS }, () => 0);
  for (const { month, repeatPurchases } of months) totals[month - 1]! += repeatPurchases;
  return totals;
}

function countBy(values: Float64Array, key: (value: number) => number): Map<number, number> {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(key(value), (counts.get(key(value)) ?? 0) + 1);
  return counts;
}

/** @param cohorts customers by first day */
function expectedByMonth(
  season: SalesSeason,
  parameters: BgNbdParameters & { readonly timeUnitDays: number },
  cohorts: ReadonlyMap<number, number>,
  now: number,
): number[] {
  const totals = Array.from({ length: MONTHS }, () => 0);
  const edges = monthEdges(Math.min(...cohorts.keys()), now);
  const clocks = edges.map(({ day }) => clock(season, day));
  for (const [first, count] of cohorts) {
    const started = clock(season, first);
    let before = 0;
    edges.forEach(({ endsMonth }, i) => {
      const since = (clocks[i]! - started) / parameters.timeUnitDays;
      if (since <= 0) return;
      const until = expectedPurchasesIfAlive(parameters, 0, 0, since);
      totals[endsMonth]! += count * (until - before);
      before = until;
    });
  }
  return totals;
}

/** Ends of calendar months after `first`, the last one cut at `now`; `endsMonth` 0 for January. */
function monthEdges(first: number, now: number): { day: number; endsMonth: number }[] {
  const edges: { day: number; endsMonth: number }[] = [];
  const start = new Date(first * DAY_MS);
  for (let i = 0; ; i++) {
    const day = Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + i + 1, 1) / DAY_MS;
    const endsMonth = (start.getUTCMonth() + i) % MONTHS;
    edges.push({ day: Math.min(day, now), endsMonth });
    if (day >= now) return edges;
  }
}
