import { dayMs } from '../../../src/days.js';
import { Random } from '../../../src/random.js';
import type { Purchase } from './behaviour.js';

const roundAmounts = [10, 15, 20, 25, 30, 50, 75, 100, 150, 200, 250, 500, 1000];

/**
 * One cohort of donors by BG/BB (Fader, Hardie & Shang 2010): in the first year everybody gives; at the start of each
 * later year a donor drops out for good with a chance of their own, and those who stay give once with another one.
 * @param firstYear gifts are dated from the first of January of this year on
 */
export function donations(firstYear: number, years: number, donors: number, seed: string): Purchase[] {
  return Array.from({ length: donors }, (_, i) => {
    const random = new Random(`${seed}/${i}`);
    const gives = random.beta(1.2, 0.75);
    const leaves = random.beta(0.65, 2.8);
    const level = random.normal(3.5, 0.8);
    const gifts: Purchase[] = [];
    for (let year = 0; year < years; year++) {
      if (year > 0 && random.uniform() < leaves) break;
      if (year > 0 && random.uniform() >= gives) continue;
      const total = nearestRound(level + random.normal(0, 0.25));
      gifts.push({ customer: `c${i + 1}`, day: dayOfGift(random, firstYear, year), total });
    }
    return gifts;
  }).flat();
}

/** Two thirds of the gifts come in November and December, the others in the ten months before. */
function dayOfGift(random: Random, firstYear: number, year: number): number {
  const day = random.uniform() < 2 / 3 ? 304 + random.integer(61) : random.integer(304);
  return (Date.UTC(firstYear + year, 0, 1) - Date.UTC(firstYear, 0, 1)) / dayMs + day;
}

/** The round amount that is nearest to that with this log. */
export function nearestRound(log: number): number {
  const distances = roundAmounts.map((amount) => Math.abs(Math.log(amount) - log));
  return roundAmounts[distances.indexOf(Math.min(...distances))]!;
}
