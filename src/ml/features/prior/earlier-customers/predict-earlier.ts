import type { BgNbdParameters } from '../purchases/bg-nbd.js';
import { dropOutNodes } from '../purchases/drop-out-nodes.js';
import type { EarlierCustomers } from './earlier-customers.js';
import { leastProbability, type PurchasesAhead } from '../purchases/purchases-ahead.js';

/** On the prior's clock, in days. */
interface SeenCustomer {
  readonly frequency: number;
  readonly recency: number;
  readonly age: number;
  /** From the beginning of history to the first purchase in it. */
  readonly wait: number;
}

/**
 * What is ahead of a customer who may have bought before history begins; see `earlierLogLikelihood`. Of those who are there,
 * 1 - e^(-lambda t) buy within a time t, (1 - e^(-lambda p t)) / p times.
 * @param horizon in days, on the prior's clock
 */
export function aheadWithEarlier(
  prior: BgNbdParameters & { readonly timeUnitDays: number },
  { length }: EarlierCustomers,
  customer: SeenCustomer,
  horizon: number,
): PurchasesAhead {
  const { r, a, b } = prior;
  const alpha = prior.alpha * prior.timeUnitDays;
  const { frequency: x, recency, age, wait } = customer;
  const stays = x + (prior.leavesAtFirst ? 1 : 0);
  const { p, weight, logStay } = dropOutNodes(a, b);
  const logLast = Math.log(alpha + recency);
  const power = (time: number) => Math.exp(-(r + x) * (Math.log(alpha + time) - logLast));
  const [end, endLater] = [power(age), power(age + horizon)];
  const [seenLast, seenEnd, seenLater] = [power(wait + recency), power(wait + age), power(wait + age + horizon)];
  let [all, alive, buys, purchases] = [0, 0, 0, 0];
  for (let k = 0; k < p.length; k++) {
    const leaves = p[k]!;
    const odds = (1 - leaves) / leaves;
    const share = weight[k]! * Math.exp(stays * logStay[k]!);
    const before = wait + leaves * length * prior.timeUnitDays;
    const ahead = leaves * horizon;
    const gone = power(before + age);
    const there = end + odds * (seenEnd - gone);
    const left = (stays > 0 ? 1 / odds : 0) + seenLast - power(before + recency);
    all += share * (there + left);
    alive += share * there;
    buys += share * (end - endLater + odds * (seenEnd - gone - seenLater + power(before + age + horizon)));
    const seenOften = seenEnd - gone - power(wait + age + ahead) + power(before + age + ahead);
    purchases += (share / leaves) * (end - power(age + ahead) + odds * seenOften);
  }
  return {
    aliveProbability: Math.max(alive / all, leastProbability),
    purchaseProbability: Math.max(buys / all, leastProbability),
    expectedPurchases: Math.max(purchases / all, leastProbability),
  };
}
