import {
  type BtydPrior,
  fitPrior,
  type PriorFit,
  type PriorFitOptions,
} from '../../../../src/ml/features/prior/fit-prior.js';
import type { RfmColumns, RfmSummary } from '../../../../src/ml/features/prior/rfm-summary.js';
import type { Random } from '../../../../src/random.js';

/** The published parameters of the CDNOW sample. */
export const CDNOW_PRIOR: BtydPrior = {
  r: 0.2426,
  alpha: 4.4136,
  a: 0.7929,
  b: 2.4259,
  p: 6.25,
  q: 3.74,
  v: 15.44,
  firstWeight: 0,
  timeUnitDays: 7,
  season: null,
  pace: null,
  earlyGain: 0,
  leavesAtFirst: false,
};

/** BG/NBD on the calendar, and Gamma-Gamma. */
export const plainForm: PriorFitOptions['form'] = {
  season: null,
  pace: null,
  earlyGain: 0,
  leavesAtFirst: false,
  logNormalValues: false,
  tellsNewcomers: false,
  asOf: new Date('2011-06-01'),
};

/** @param form what is other than in the plain one */
export function fitted(columns: RfmColumns, form: Partial<PriorFitOptions['form']> = {}): PriorFit {
  return fitPrior(columns, { meanOrderValue: 0, form: { ...plainForm, ...form } });
}

/** Any possible history, likely or not. */
export function randomCustomer(random: Random): RfmSummary {
  const frequency = random.uniform() < 0.4 ? 0 : random.poisson(random.exponential(0.2));
  const age = random.integer(1500);
  return {
    frequency,
    recency: frequency === 0 ? 0 : random.integer(age + 1),
    age,
    monetary: frequency === 0 ? 0 : random.gamma(0.7, 0.01),
    firstValue: random.gamma(0.7, 0.01),
  };
}

/** Customers who behave as the two models say, seen in whole days; first purchases of about 30. */
export function simulateShop(prior: BtydPrior, customers: number, maxAgeDays: number, random: Random): RfmColumns {
  const column = () => new Float64Array(customers);
  const shop: RfmColumns = {
    frequency: column(),
    recency: column(),
    age: column(),
    monetary: column(),
    firstValue: column(),
  };
  for (let i = 0; i < customers; i++) {
    const age = 1 + random.integer(maxAgeDays);
    const rate = random.gamma(prior.r, prior.alpha) / prior.timeUnitDays;
    const leave = prior.leavesWithTime ? 0 : random.beta(prior.a, prior.b);
    const stays = prior.leavesWithTime ? prior.timeUnitDays * random.exponential(random.gamma(prior.a, prior.b)) : age;
    const first = random.gamma(2, 1 / 15);
    const scale = random.gamma(prior.q, prior.v + prior.firstWeight * first);
    shop.firstValue[i] = first;
    let [time, spend] = [0, 0];
    let left = prior.leavesAtFirst && random.uniform() < leave;
    while (!left) {
      time += random.exponential(rate);
      if (time > Math.min(age, stays)) break;
      shop.frequency[i]!++;
      shop.recency[i] = Math.ceil(time);
      spend += random.gamma(prior.p, scale);
      left = random.uniform() < leave;
    }
    shop.age[i] = age;
    shop.monetary[i] = shop.frequency[i]! > 0 ? spend / shop.frequency[i]! : 0;
  }
  return shop;
}
