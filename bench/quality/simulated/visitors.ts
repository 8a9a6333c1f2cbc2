import type { BehaviorEventType } from '../../../src/entities/index.js';
import { Random } from '../../../src/random.js';
import { logNormal, type Purchase } from './behaviour.js';

/** Something that a customer did besides buying; `day` counts from the first day of the shop. */
export interface Visit {
  readonly customer: string;
  readonly day: number;
  readonly type: BehaviorEventType;
}

interface Visitor {
  readonly purchases: readonly Purchase[];
  readonly visits: readonly Visit[];
}

/** Visits a day of those who have left the shop. */
const afterLeaving = 0.1 / 30;
/** Of the purchases, and how many times as soon customers leave from ten days after them on. */
const badPurchases = { share: 0.06, times: 4, days: 10 };

/**
 * Customers who come evenly, look at pages and open e-mails as long as they are customers, and hardly any more once they have left. Some
 * purchases go wrong: a ticket follows, and soon the customer leaves.
 * @param days from the shop's first day to the end of the file
 */
export const visitorsOf = (days: number, customers: number, seed: string): Visitor[] =>
  Array.from({ length: customers }, (_, i) => visitorOf(`c${i + 1}`, days, new Random(`${seed}/${i}`)));

function visitorOf(customer: string, days: number, random: Random): Visitor {
  const joined = Math.floor(random.uniform() * days);
  const rate = random.gamma(0.9, 0.9 * 60);
  const mean = logNormal(random, 3.6, 0.6);
  const pages = random.gamma(1.5, 1.5 / 4) / 30;
  const mails = random.gamma(1, 1 / 2) / 30;
  const hazard = random.gamma(1, 250);
  const purchases: Purchase[] = [];
  const visits: Visit[] = [];
  const visit = (type: Visit['type'], day: number) => visits.push({ customer, day: Math.floor(day), type });
  let leaves = joined + random.exponential(hazard);
  for (let day = joined; day < Math.min(days, leaves); day += random.exponential(rate)) {
    purchases.push({ customer, day: Math.floor(day), total: Math.max(1, mean * logNormal(random, -0.1, 0.45)) });
    if (random.uniform() >= badPurchases.share) continue;
    const answered = day + badPurchases.days;
    visit('SUPPORT_TICKET', day + 1 + random.integer(badPurchases.days - 1));
    leaves = Math.min(leaves, answered + random.exponential(badPurchases.times * hazard));
  }
  const comes = (type: Visit['type'], rateOf: number, from: number, to: number) => {
    for (let day = from + random.exponential(rateOf); day < to; day += random.exponential(rateOf)) visit(type, day);
  };
  const end = Math.min(days, leaves);
  comes('BROWSE', pages + rate, joined, end);
  comes('EMAIL_OPEN', mails, joined, end);
  comes('BROWSE', afterLeaving, end, days);
  return { purchases, visits: visits.filter(({ day }) => day < days) };
}
