import { dayNumber, yearDays } from '../../../days.js';
import { logGamma } from '../../../math.js';
import { toPurchaseRows } from './purchases/purchase-rows.js';
import type { PriorForm } from './fit-prior.js';
import { fitPurchases, type PurchaseKind, weekDays } from './purchases/fit-purchases.js';
import { learnOrderValues } from './order-values/learn-order-values.js';
import { columnsInPrices } from './order-values/prices.js';
import { leastRise, tenureSpeeds } from './clock/learn-early-gain.js';
import { logShopSpeeds, parametersOf } from './clock/clock-likelihood.js';
import { learnFading } from './clock/learn-fading.js';
import { clocksBesideAges } from './clock/season-beside-ages.js';
import { learnPurchaseClock } from './clock/learn-purchase-clock.js';
import type { SeenPurchases } from './clock/seen-purchases.js';
import { tellsCalendar } from './history.js';
import { learnYears } from './yearly/learn-years.js';
import { columnsOnClock, logSpeedAt, type PurchaseClock } from './clock/purchase-clock.js';
import type { RfmColumns } from './rfm-summary.js';

/** In nats. `inAll` are odds of 20 to 1; `perCustomer` keeps a large base from choosing a form for differences that hardly matter. */
const leastGain = { inAll: 3, perCustomer: 0.005 };
/**
 * In nats, for a season that only shows beside the ages of customers. 93 shops without one came to 55 at most, 13 of 14 with one to 65 and
 * 0.029 a customer at least (decision 155).
 */
const leastSeasonGain = { inAll: 60, perCustomer: 0.025 };

/**
 * Chooses the models of a shop by their likelihoods: the clock; BG/NBD, modified BG/NBD (customers may leave after the first purchase)
 * or Pareto/NBD (they leave at any time); or, in place of these, BG/BB where customers buy by years; and Gamma-Gamma or log-normal
 * order values.
 * @param checkedAsOf as-of date of the window that a network is validated on, if one learns from this prior
 */
export function learnPriorForm(seen: SeenPurchases, checkedAsOf = seen.asOf): PriorForm {
  const { columns, repeats, asOf, prices } = seen;
  const { clock, stays, leaves, withTime } = onLikelierClock(seen);
  const least = Math.max(leastGain.inAll, leastGain.perCustomer * columns.age.length);
  const atPurchases = {
    ...clock,
    leavesAtFirst: leaves - stays >= least,
    ...learnOrderValues(columnsInPrices(prices, columns, asOf)),
    ...(prices && { prices }),
    tellsNewcomers: tellsCalendar(seenBy(columns, asOf, checkedAsOf)),
  };
  // Neither kind has more parameters than the other: where the plain one does not do, the likelier is taken.
  const leavesWithTime = withTime - stays >= least && withTime > leaves;
  const plain = leavesWithTime ? { ...atPurchases, leavesWithTime } : atPurchases;
  const yearly = learnYears(columns, repeats, asOf);
  if (!yearly) return plain;
  const { months, firstMonth, date } = yearly.parameters;
  const gain = yearly.logLikelihood - ofLastPurchases(Math.max(stays, leaves, withTime), clock, columns, asOf);
  // Purchases that all bear one date have no times that the two could be compared by.
  if (!date && !(gain >= least)) return plain;
  const season = clock.season ?? months.map((share) => share * months.length);
  const { fading: _, ...unfaded } = atPurchases;
  return { ...unfaded, season, pace: null, earlyGain: 0, yearly: { months, firstMonth, ...(date && { date }) } };
}

/**
 * `kindsOn` the clock as it is learnt part by part; or one on which the pace fades, or whose season is learnt beside the ages of the
 * customers, if that is likelier, with the likeliest kind of leaving on each.
 */
function onLikelierClock(seen: SeenPurchases) {
  const even = kindsOn(learnPurchaseClock(seen), seen);
  // Customers from before history buy more than those who came since, which would pass for fading.
  if (seen.earlier) return even;
  const seasonGain = Math.max(leastSeasonGain.inAll, leastSeasonGain.perCustomer * seen.columns.age.length);
  return [learnFading(even.clock, seen), ...clocksBesideAges(even.clock, seen)].reduce((best, clock) => {
    const other = clock && kindsOn(clock, seen);
    const least = clock?.season && !best.clock.season ? seasonGain : leastRise;
    return other && other.score - best.score >= least ? other : best;
  }, even);
}

/** Kinds of leaving on a clock. */
interface Kinds {
  readonly clock: PurchaseClock;
  /** Log-likelihoods of each kind, in nats. */
  readonly stays: number;
  readonly leaves: number;
  readonly withTime: number;
  /** Log-likelihood of the purchases by calendar day and the likeliest kind, less the number of parameters of the shop's clock. */
  readonly score: number;
}

function kindsOn(clock: PurchaseClock, seen: SeenPurchases): Kinds {
  const likelihood = (kind: PurchaseKind) => {
    const timed = columnsOnClock({ ...clock, ...kind }, seen.columns, seen.asOf);
    return fitPurchases(toPurchaseRows(timed, weekDays), true, kind).logLikelihood;
  };
  const [stays, leaves] = [likelihood({ leavesAtFirst: false }), likelihood({ leavesAtFirst: true })];
  const withTime = likelihood({ leavesAtFirst: false, leavesWithTime: true });
  const ofClock = logShopSpeeds(clock, seen) + tenureSpeeds(clock, seen)(clock) - parametersOf(clock);
  return { clock, stays, leaves, withTime, score: Math.max(stays, leaves, withTime) + ofClock };
}

/**
 * Customers as of an earlier date. The prior tells newcomers apart today only if it could on the date that the network is validated on:
 * from windows whose priors could not, the network has learnt the difference itself, and it would count twice.
 */
function seenBy({ age }: RfmColumns, asOf: Date, earlier: Date): Pick<RfmColumns, 'age'> {
  const days = dayNumber(asOf) - dayNumber(earlier);
  return { age: age.filter((since) => since > days).map((since) => since - days) };
}

/**
 * The log-likelihood of the number of repeat purchases and of the time of the last one, in years of the season, as BG/BB has it: from
 * that of all purchases' times. On the clock, purchases before the last one are uniformly distributed.
 */
function ofLastPurchases(logLikelihood: number, clock: PurchaseClock, columns: RfmColumns, asOf: Date): number {
  const { recency } = columnsOnClock(clock, columns, asOf);
  const now = dayNumber(asOf);
  let total = logLikelihood;
  columns.frequency.forEach((x, i) => {
    if (x === 0) return;
    const firstDay = now - columns.age[i]!;
    total += (x - 1) * Math.log(recency[i]! / weekDays) - logGamma(x);
    total += Math.log(yearDays / weekDays) + logSpeedAt(clock, firstDay, firstDay + columns.recency[i]!);
  });
  return total;
}
