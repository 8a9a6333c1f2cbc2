import { dayNumber } from '../../../../days.js';
import { historyOf, tellsSeason } from '../history.js';
import { bestLogLikelihoodNear, fitBgNbd } from '../purchases/fit-purchases.js';
import { learnEarlyGain, leastRise, tenureSpeeds } from './learn-early-gain.js';
import type { PurchaseClock } from './purchase-clock.js';
import type { SeenPurchases } from './seen-purchases.js';
import { columnsInShopTime, shopLength } from './shop-clock.js';
import { columnsInTenureTime, logTenureSpeed, type TenureClock } from './tenure-clock.js';
import type { RfmColumns } from '../rfm-summary.js';

/** Half-lives of eight years down to three months, in steps of a factor of 1.4, as days until 1/e. */
const fadings = Array.from({ length: 11 }, (_, i) => (8 * 365.25) / (Math.LN2 * Math.SQRT2 ** i));

/**
 * The clock on which the pace of customers' purchases fades with their time in the shop, as fast as makes the purchases
 * likeliest.
 *
 * @param clock on which it does not, and customers may buy more often at first
 * @returns null where no fading raises the likelihood beyond chance; where a decline of the whole shop, which may be over, is
 *   likelier; or where customers did not come all along: the ageing of one cohort and the calendar are the same
 */
export function learnFading(clock: PurchaseClock, seen: SeenPurchases): PurchaseClock | null {
  if (!tellsSeason(seen.columns)) return null;
  const timed = columnsInShopTime(clock, seen.columns, seen.asOf);
  const plain = fitBgNbd(timed);
  const near = (columns: RfmColumns) => bestLogLikelihoodNear(plain, columns);
  const speedOf = tenureSpeeds(clock, seen);
  const likelihood = (tenure: TenureClock) => near(columnsInTenureTime(tenure, timed)) + speedOf(tenure);
  const least = plain.logLikelihood + leastRise;
  const own = likeliest((days) => likelihood({ earlyGain: 0, fading: { days } }));
  if (own.logLikelihood < least) return null;
  if (own.logLikelihood < likeliest(likelihoodsOfDecline(clock, seen, timed, near)).logLikelihood) return null;
  const fading = { days: own.days };
  const faded = { ...clock, earlyGain: learnEarlyGain(clock, seen, fading), fading };
  return likelihood(faded) - likelihood(clock) >= leastRise ? faded : null;
}

/** From slow to fast, until the likelihood falls. */
function likeliest(likelihood: (days: number) => number): { days: number; logLikelihood: number } {
  let best = { days: Infinity, logLikelihood: -Infinity };
  for (const days of fadings) {
    const logLikelihood = likelihood(days);
    if (logLikelihood < best.logLikelihood) break;
    best = { days, logLikelihood };
  }
  return best;
}

/** The same where the pace of all falls by the calendar: those who come later begin with as slow a one as the others then have. */
function likelihoodsOfDecline(
  clock: PurchaseClock,
  { repeats, asOf }: SeenPurchases,
  timed: RfmColumns,
  likelihood: (declined: RfmColumns) => number,
): (days: number) => number {
  const history = historyOf(timed);
  const now = dayNumber(asOf);
  return (days) => {
    const tenure = { earlyGain: 0, fading: { days } };
    const { recency, age } = columnsInTenureTime(tenure, timed);
    const atFirst = timed.age.map((since) => Math.exp((since - history) / days));
    const declined = {
      ...timed,
      recency: recency.map((time, i) => time * atFirst[i]!),
      age: age.map((time, i) => time * atFirst[i]!),
    };
    const speed = repeats.reduce((sum, { firstDay, day, count }) => {
      const sinceFirst = shopLength(clock, firstDay, now);
      const ofPurchase = logTenureSpeed(tenure, shopLength(clock, firstDay, day));
      return sum + count * (ofPurchase + (sinceFirst - history) / days);
    }, 0);
    return likelihood(declined) + speed;
  };
}
