import { dayNumber, monthsInYear } from '../../../../days.js';
import { mean } from '../../../../math.js';
import { historyOf, keepsGrowing } from '../history.js';
import { agreedFactors, pooledFactors, withoutTrend } from './month-factors.js';
import { arrivalsByDay } from './purchase-clock.js';
import { expectedByMonth, purchasesByMonth, wholeMonths } from './purchases-by-month.js';
import type { SalesSeason } from './sales-season.js';
import { fitOnShopClock } from './clock-likelihood.js';
import type { SeenPurchases } from './seen-purchases.js';
import type { ShopClock } from './shop-clock.js';

const rounds = 4;
/** With so much history every month was seen in two years; with less, the years only tell whether there is a season at all. */
const severalYearsDays = 730;
/**
 * With so much history the first year is left out: nobody who buys in one month of the year alone could buy again in it, so that
 * it would disagree with the others.
 */
const manyYearsDays = 2.5 * 365;
/** The same for one cohort: with so much history, two years of whole months are left beside the first one. */
const manyCohort = { days: 3 * 365, months: 3 * monthsInYear };

/**
 * Learns the season of repeat purchases. Four times over, it fits the purchase model on the clock so far and multiplies each month's
 * factor by actual over expected purchases. Expected are those of all customers from their first day on (equation 9 of Fader, Hardie &
 * Lee 2005).
 *
 * @param without the shop's clock without a season
 * @param besideTrend whether a change from one year to the next is taken for a trend that runs through the year, too (`withoutTrend`);
 *   in a single cohort it always is
 * @returns null where the years agree on none
 */
export function learnSalesSeason(
  without: ShopClock,
  seen: SeenPurchases,
  { besideTrend = false }: { readonly besideTrend?: boolean } = {},
): SalesSeason | null {
  const { columns, repeats, asOf } = seen;
  const history = historyOf(columns);
  const isCohort = !keepsGrowing(columns, history);
  const now = dayNumber(asOf);
  const cohorts = arrivalsByDay(columns, asOf);
  const calendar = wholeMonths(now - history, now);
  const isMany = isCohort
    ? history >= manyCohort.days && calendar.length >= manyCohort.months
    : history >= manyYearsDays;
  const actual = purchasesByMonth(repeats);
  let season: SalesSeason = Array.from({ length: monthsInYear }, () => 1);
  for (let round = 0; round < rounds; round++) {
    const shop = { ...without, season };
    const { parameters } = fitOnShopClock(shop, seen);
    const expected = expectedByMonth(shop, parameters, cohorts, { begin: now - history, months: calendar });
    const months = calendar
      .map(({ year, month }, i) => ({
        month,
        actual: actual.get(monthsInYear * year + month) ?? 0,
        expected: expected[i]!,
      }))
      .slice(isMany ? monthsInYear : 0);
    const told = isCohort || besideTrend ? withoutTrend(months) : months;
    const agreed = agreedFactors(season, told);
    if (!agreed) return null;
    const factors = history < severalYearsDays ? pooledFactors(season, told) : agreed;
    const average = mean(factors);
    season = factors.map((factor) => factor / average);
  }
  return season;
}
