import { monthOf, monthsInYear } from '../../../../days.js';
import { mean } from '../../../../math.js';
import type { RepeatPurchases } from '../../repeat-purchases.js';
import { expectedRates, type ExpectedRates } from '../purchases/expected-rates.js';
import { weekDays } from '../purchases/fit-purchases.js';
import { learnEarlyGain } from './learn-early-gain.js';
import { pooledFactors } from './month-factors.js';
import { firstDayOf } from './purchase-clock.js';
import type { RfmColumns } from '../rfm-summary.js';
import { monthDays, type SalesSeason } from './sales-season.js';
import { fitOnShopClock, logLikelihoodOnClock } from './clock-likelihood.js';
import type { SeenPurchases } from './seen-purchases.js';
import { shopLength, type ShopClock } from './shop-clock.js';

const rounds = 4;
/** In nats. Shops without a season came to 25 or 0.0144 a customer at most, those with one to 54 and 0.0187 at least. */
const leastGain = { inAll: 30, perCustomer: 0.016 };
/** Below that, customers buy at regular intervals: nobody could come back in the first month of history. */
const leastFactor = 0.25;
/** Greatest factor of the last month seen. Beyond it the shop is as likely to go on so: sales that explode do so month by month. */
const greatestAtEnd = 2.25;

/**
 * The season of a history that is too short to have seen a month in two years: the months' factors of the highest likelihood, by an EM
 * algorithm. The expected purchases of a month are those of customers who were still active in it, given what each of them bought.
 * Expectations of new customers, as `learnSalesSeason` uses them, would take growth and ageing for a season here.
 *
 * @param calendar the shop's clock without a season
 * @returns null where it does not raise the likelihood beyond chance, where the last month is far above all others, and where customers
 *   buy at regular intervals or more often right after their first purchase, which would be taken for a season
 */
export function learnFirstSeason(calendar: ShopClock, seen: SeenPurchases): SalesSeason | null {
  const { columns, repeats, asOf } = seen;
  if (learnEarlyGain(calendar, seen) > 0) return null;
  let season: SalesSeason = Array.from({ length: monthsInYear }, () => 1);
  for (let round = 0; round < rounds; round++) {
    const shop = { ...calendar, season };
    const { timed, parameters } = fitOnShopClock(shop, seen);
    const rates = expectedRates({ ...parameters, timeUnitDays: weekDays }, timed);
    season = nextSeason(season, expectedByMonth(shop, rates, columns, asOf), repeats);
  }
  const seasonal = { ...calendar, season };
  const gain = logLikelihoodOnClock(seasonal, seen) - logLikelihoodOnClock(calendar, seen);
  const least = Math.max(leastGain.inAll, leastGain.perCustomer * columns.age.length);
  if (gain < least || Math.min(...season) < leastFactor) return null;
  if (season[monthOf(firstDayOf(monthDays / 2, asOf))]! > greatestAtEnd) return null;
  return season;
}

function nextSeason(
  season: SalesSeason,
  expected: readonly number[],
  repeats: readonly RepeatPurchases[],
): SalesSeason {
  const actual = season.map(() => 0);
  for (const { day, count } of repeats) actual[monthOf(day)]! += count;
  const seen = season.map((_, month) => ({ month, actual: actual[month]!, expected: expected[month]! }));
  const factors = pooledFactors(season, seen);
  const average = mean(factors);
  return factors.map((factor) => factor / average);
}

/** Purchases of all customers by month of the year, January first, while they were there. */
function expectedByMonth(shop: ShopClock, rates: ExpectedRates, columns: RfmColumns, asOf: Date): number[] {
  const oldest = columns.age.reduce((most, age) => Math.max(most, age), 0);
  const begin = firstDayOf(oldest, asOf);
  const changes = new Float64Array(oldest + 1);
  columns.age.forEach((age, i) => {
    const first = oldest - age;
    changes[first]! += rates.untilNow[i]! + rates.untilLast[i]!;
    changes[first + columns.recency[i]!]! -= rates.untilLast[i]!;
  });
  const totals = Array.from({ length: monthsInYear }, () => 0);
  let rate = 0;
  for (let day = 0; day < oldest; day++) {
    rate += changes[day]!;
    totals[monthOf(begin + day)]! += rate * shopLength(shop, begin + day, begin + day + 1);
  }
  return totals;
}
