import { probabilityAlive, type PurchaseParameters } from './purchase-model.js';
import { dropOutNodes } from './drop-out-nodes.js';
import type { TimedColumns } from '../clock/purchase-clock.js';

/**
 * Expected rates of purchase of each customer, given all that they bought: purchases a day of the clock, times the probability that the
 * customer was active until then. BG/NBD customers are active until the as-of date, or left right after the last purchase.
 */
export interface ExpectedRates {
  readonly untilNow: Float64Array;
  readonly untilLast: Float64Array;
}

/**
 * The rates by BG/NBD. With customers from before history they are computed as in `earlierLogLikelihood`, whose powers of a time stand
 * for masses.
 */
export function expectedRates(
  parameters: PurchaseParameters & { readonly timeUnitDays: number },
  timed: TimedColumns,
): ExpectedRates {
  const { earlier, leavesAtFirst, timeUnitDays } = parameters;
  const inDays = { ...parameters, alpha: parameters.alpha * timeUnitDays };
  const nodes = dropOutNodes(parameters.a, parameters.b);
  const rates = { untilNow: new Float64Array(timed.age.length), untilLast: new Float64Array(timed.age.length) };
  timed.age.forEach((age, i) => {
    const [x, recency] = [timed.frequency[i]!, timed.recency[i]!];
    const shape = parameters.r + x;
    const rateAt = (time: number) => shape / (inDays.alpha + time);
    if (!earlier || !timed.wait) {
      const alive = probabilityAlive(inDays, x, { recency, age, slow: 0 });
      rates.untilNow[i] = alive * rateAt(age);
      rates.untilLast[i] = (1 - alive) * rateAt(recency);
      return;
    }
    const wait = timed.wait[i]!;
    const stays = x + (leavesAtFirst ? 1 : 0);
    const massAt = (time: number) => Math.exp(shape * Math.log((inDays.alpha + recency) / (inDays.alpha + time)));
    const pairAt = (time: number): Pair => [massAt(time), massAt(time) * rateAt(time)];
    const [now, last, seenNow, seenLast] = [age, recency, wait + age, wait + recency].map(pairAt) as [
      Pair,
      Pair,
      Pair,
      Pair,
    ];
    let [all, untilNow, untilLast] = [0, 0, 0];
    for (let k = 0; k < nodes.p.length; k++) {
      const p = nodes.p[k]!;
      const odds = (1 - p) / p;
      const before = wait + p * earlier.length * timeUnitDays;
      const [goneNow, goneLast] = [pairAt(before + age), pairAt(before + recency)];
      const share = nodes.weight[k]! * Math.exp(stays * nodes.logStay[k]!);
      const there = (j: 0 | 1) => now[j] + odds * (seenNow[j] - goneNow[j]);
      const left = (j: 0 | 1) => (stays > 0 ? last[j] / odds : 0) + seenLast[j] - goneLast[j];
      all += share * (there(0) + left(0));
      untilNow += share * there(1);
      untilLast += share * left(1);
    }
    rates.untilNow[i] = untilNow / all;
    rates.untilLast[i] = untilLast / all;
  });
  return rates;
}

/** A mass, and the same times the rate that belongs to it. */
type Pair = readonly [number, number];
