import { Random } from '../../../src/random.js';
import type { Purchase } from './behaviour.js';
import { nearestRound } from './donors.js';
import { years } from './draws.js';

const month = years / 12;

/** Days on which the charity asks everybody for a gift: each December, in three of four years once more, and after a disaster. */
function appealsOf(days: number, disaster: number, random: Random): number[] {
  const yearly = Array.from({ length: Math.ceil(days / years) }, (_, year) => {
    const december = year * years + 330 + 10 * random.uniform();
    return random.uniform() < 0.75 ? [year * years + 300 * random.uniform(), december] : [december];
  });
  return [...yearly.flat(), disaster].sort((a, b) => a - b);
}

interface Donor {
  readonly joined: number;
  readonly random: Random;
}

/** A standing order: every month on about the same day, until it is stopped. */
function monthly({ joined, random }: Donor, days: number): number[] {
  const until = Math.min(days, joined + random.exponential(1 / (30 * month)));
  const gifts = [joined];
  for (let due = joined + month; due < until; due += month) gifts.push(due + 2 * random.uniform());
  return gifts;
}

/** Once a year at about the time of the first gift, but not each year. */
function yearly({ joined, random }: Donor, days: number): number[] {
  const [gives, leaves] = [random.beta(3, 1.2), random.beta(0.8, 4)];
  const gifts = [joined];
  for (let due = joined + years; due < days && random.uniform() >= leaves; due += years)
    if (random.uniform() < gives) gifts.push(due + random.normal(0, 25));
  return gifts;
}

/** In the days after some of the appeals. */
function asked({ joined, random }: Donor, appeals: readonly number[], gives: number): number[] {
  const leaves = random.beta(0.6, 5);
  const gifts = [joined];
  for (const appeal of appeals.filter((day) => day > joined + 14)) {
    if (random.uniform() < leaves) break;
    if (random.uniform() < gives) gifts.push(appeal + random.exponential(1 / 9));
  }
  return gifts;
}

/**
 * Of four donors one comes with a disaster; of the others 12 % give monthly, 33 % yearly, the rest when they are asked.
 * @param days how long the charity is seen
 * @param disaster its day
 */
export function charity(days: number, disaster: number, donors: number, seed: string): Purchase[] {
  const appeals = appealsOf(days, disaster, new Random(seed));
  return Array.from({ length: donors }, (_, i) => {
    const random = new Random(`${seed}/${i}`);
    const came = random.uniform() < 0.25;
    const donor = { random, joined: came ? disaster + random.exponential(1 / 10) : days * random.uniform() };
    const kind = came ? 1 : random.uniform();
    const gifts =
      kind < 0.12
        ? monthly(donor, days)
        : kind < 0.45
          ? yearly(donor, days)
          : asked(donor, appeals, random.beta(came ? 0.2 : 0.5, 2));
    const level = kind < 0.12 ? random.normal(2.7, 0.5) : random.normal(3.4, 0.9);
    return gifts
      .filter((day) => day >= 0 && day < days)
      .map((day) => ({
        customer: `c${i + 1}`,
        day: Math.floor(day),
        total: nearestRound(level + random.normal(0, 0.2)),
      }));
  }).flat();
}
