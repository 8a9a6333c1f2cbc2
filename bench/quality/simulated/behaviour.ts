import { Random } from '../../../src/random.js';

/** Something that a customer bought or gave; `day` counts from the first day of the shop. */
export interface Purchase {
  readonly customer: string;
  readonly day: number;
  readonly total: number;
}

type Draw = (random: Random) => number;

/** How the customers of a shop come, buy and leave. All times are in days. */
export interface Behaviour {
  /** From the shop's first day to the end of the file. */
  readonly days: number;
  /** Day of a customer's first purchase. */
  readonly joins: Draw;
  /** Purchases a day, while the customer is there. */
  readonly rate: Draw;
  /** From the first purchase, on the day `joined`, until the customer leaves. */
  readonly lifetime: (random: Random, joined: number) => number;
  /** Mean amount of a customer's purchases. */
  readonly meanAmount: Draw;
  /** Standard deviation of the logs of one customer's amounts. */
  readonly amountSpread: number;
  /** Gaps between purchases are sums of so many exponential ones (Erlang): the more, the more regular; 1 by default. */
  readonly regularity?: number;
  /** What part of the purchases that customers could make on a day they do make: 0 to 1. */
  readonly pace?: (day: number) => number;
  /** What the same order is worth on a day, as a multiple of what it was on the first one; 1 by default. */
  readonly price?: (day: number) => number;
}

/** Every customer buys on the day of joining, then at the gaps of their own rate, thinned out by the pace. */
export function purchasesOf(behaviour: Behaviour, customers: number, seed: string): Purchase[] {
  return Array.from({ length: customers }, (_, i) => {
    // A stream of its own: a customer is the same in a smaller shop.
    const random = new Random(`${seed}/${i}`);
    return daysOf(behaviour, random).map(({ day, amount }): Purchase => ({
      customer: `c${i + 1}`,
      day: Math.floor(day),
      total: amount,
    }));
  }).flat();
}

function daysOf(behaviour: Behaviour, random: Random): { day: number; amount: number }[] {
  const { days, amountSpread, regularity = 1, pace, price = () => 1 } = behaviour;
  const joined = behaviour.joins(random);
  const rate = behaviour.rate(random);
  const end = Math.min(days, joined + behaviour.lifetime(random, joined));
  const mean = behaviour.meanAmount(random);
  const amountOn = (day: number) =>
    Math.max(1, mean * price(day) * logNormal(random, -(amountSpread ** 2) / 2, amountSpread));
  const bought = [{ day: joined, amount: amountOn(joined) }];
  for (let day = joined; ;) {
    day += random.gamma(regularity, rate * regularity);
    if (day >= end) return bought;
    if (!pace || random.uniform() < pace(day)) bought.push({ day, amount: amountOn(day) });
  }
}

export const logNormal = (random: Random, mean: number, deviation: number): number =>
  Math.exp(random.normal(mean, deviation));
