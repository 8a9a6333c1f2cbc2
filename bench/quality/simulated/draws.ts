import type { Random } from '../../../src/random.js';
import { logNormal } from './behaviour.js';

/** In days. */
export const years = 365;

export const upTo =
  (limit: number) =>
  (random: Random): number =>
    limit * random.uniform();
export const gamma = (shape: number, rate: number) => (random: Random) => random.gamma(shape, rate);
export const around = (median: number, deviation: number) => (random: Random) =>
  logNormal(random, Math.log(median), deviation);
/** Exponential lifetimes at rates that are gamma-distributed over the customers: those of Pareto/NBD. */
export const pareto = (shape: number, rate: number) => (random: Random) =>
  random.exponential(random.gamma(shape, rate));
/** A part of the customers stays for another mean time than the others. */
export const twoKinds = (share: number, first: number, second: number) => (random: Random) =>
  random.exponential(1 / (random.uniform() < share ? first : second));

/** A day before `to`; from `since` on arrivals rise steadily to `times` as many a day. */
export const boomOfJoiners = (to: number, since: number, times: number) => (random: Random) => {
  for (;;) {
    const day = to * random.uniform();
    const arrivals = day < since ? 1 : 1 + ((times - 1) * (day - since)) / (to - since);
    if (random.uniform() < arrivals / times) return day;
  }
};

/** Of those who join from `since` on a part never comes back. */
export const leavingAtOnce =
  (share: number, since: number, others: (random: Random) => number) => (random: Random, joined: number) =>
    joined >= since && random.uniform() < share ? 0 : others(random);

const christmasDays = { first: 330, last: 354 };
/** A day before Christmas in one of the first years. */
export const beforeChristmas = (ofYears: number) => (random: Random) =>
  random.integer(ofYears) * years + christmasDays.first + random.integer(christmasDays.last - christmasDays.first + 1);
/** The pace of customers who buy before Christmas only; for shops that open on a first of January. */
export const onlyBeforeChristmas = (day: number): number => {
  const ofYear = Math.floor(day) % years;
  return ofYear >= christmasDays.first && ofYear <= christmasDays.last ? 1 : 0;
};

/** In the middle of December the pace is 1.8 times that of the summer; for shops that open on a first of January. */
export function december(day: number): number {
  const fromPeak = ((day - 344 + 182.5 + 10 * years) % years) - 182.5;
  return (1 + 0.8 * Math.exp(-(fromPeak ** 2) / (2 * 20 ** 2))) / 1.8;
}
