import { dayNumber } from '../../../../days.js';
import { historyOf, tellsSeason } from '../history.js';
import { bestLogLikelihoodNear, fitBgNbd } from '../purchases/fit-purchases.js';
import { learnEarlyGain, leastRise, tenureSpeeds } from './learn-early-gain.js';
import type { PurchaseClock } from './purchase-clock.js';
import type { SeenPurchases } from './seen-purchases.js';
import { columnsInShopTime, shopLength } from './shop-clock.js';
import { columnsInTenureTime, type Fading, logTenureSpeed, type TenureClock, tenureTime } from './tenure-clock.js';
import type { RfmColumns } from '../rfm-summary.js';

/** Half-lives of eight years down to three months, in steps of a factor of 1.4, as days until 1/e. */
const fallDays = Array.from({ length: 11 }, (_, i) => (8 * 365.25) / (Math.LN2 * Math.SQRT2 ** i));
/** What remains of the pace in the end. Between two of these, the half-life makes up for the floor. */
const floors = [0, 0.05, 0.15, 0.3, 0.5];

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
  const ofFading = (fading: Fading) => likelihood({ earlyGain: 0, fading });
  // Where fading to nothing is no likelier than none, no other floor is tried.
  if (slowToFast(ofFading, 0).logLikelihood < least) return null;
  const own = likeliest(ofFading);
  if (own.logLikelihood < likeliest(likelihoodsOfDecline(clock, seen, timed, near)).logLikelihood) return null;
  const { fading } = own;
  const faded = { ...clock, earlyGain: learnEarlyGain(clock, seen, fading), fading };
  return likelihood(faded) - likelihood(clock) >= leastRise ? faded : null;
}

interface Reached {
  readonly fading: Fading;
  readonly logLikelihood: number;
}

/**
 * The likeliest fading of all floors. A half-life that lies between two steps costs more likelihood than another floor does. So with each
 * floor half-lives 1.2 times as long and as short as the likeliest are tried, too.
 */
function likeliest(likelihood: (fading: Fading) => number): Reached {
  const near = floors.flatMap((floor) => {
    const best = slowToFast(likelihood, floor);
    const beside = [2 ** 0.25, 2 ** -0.25].map((times) => ({ days: best.fading.days * times, floor }));
    return [best, ...beside.map((fading) => ({ fading, logLikelihood: likelihood(fading) }))];
  });
  return near.reduce((best, each) => (each.logLikelihood > best.logLikelihood ? each : best));
}

/** The likeliest fading to a floor: half-lives are tried from the longest to the shortest, until the likelihood falls. */
function slowToFast(likelihood: (fading: Fading) => number, floor: number): Reached {
  let best: Reached = { fading: { days: Infinity, floor }, logLikelihood: -Infinity };
  for (const days of fallDays) {
    const logLikelihood = likelihood({ days, floor });
    if (logLikelihood < best.logLikelihood) break;
    best = { fading: { days, floor }, logLikelihood };
  }
  return best;
}

/**
 * Log-likelihoods where the pace of the whole shop falls by the calendar: who comes later begins at the pace that the others have by then.
 * It falls from the beginning of history on; of strays, who came before (`historyOf`), the days until then are counted as they are.
 */
function likelihoodsOfDecline(
  clock: PurchaseClock,
  { repeats, asOf }: SeenPurchases,
  timed: RfmColumns,
  likelihood: (declined: RfmColumns) => number,
): (fading: Fading) => number {
  const history = historyOf(timed);
  const now = dayNumber(asOf);
  return (fading) => {
    const tenure = { earlyGain: 0, fading };
    const timeAt = (day: number) => (day < 0 ? day : tenureTime(tenure, day));
    const since = (age: number, days: number) => timeAt(history - age + days) - timeAt(history - age);
    const declined = {
      ...timed,
      recency: timed.recency.map((days, i) => since(timed.age[i]!, days)),
      age: timed.age.map((days) => since(days, days)),
    };
    const speed = repeats.reduce((sum, { day, count }) => {
      const sinceBegin = history - shopLength(clock, day, now);
      return sum + count * logTenureSpeed(tenure, Math.max(0, sinceBegin));
    }, 0);
    return likelihood(declined) + speed;
  };
}
