import { monthsInYear, yearDays } from '../../../../days.js';

export const monthDays = yearDays / monthsInYear;

/**
 * How often active customers buy in each month of the year, January first, as multiples of the year's mean; linear
 * between the middles of months. Purchase rates in proportion to it are constant in *seasonal time*, whose clock runs
 * fast in busy months: a buy-till-you-die model with this one time-varying covariate is the plain model with all its
 * times measured on that clock (cf. Bachmann, Meierer & Näf 2021, "The role of time-varying contextual factors in
 * latent attrition models", section 3).
 */
export type SalesSeason = readonly number[];

/** Seasonal days since 1970-01-01 of an instant, given in days since then. */
export function clock(season: SalesSeason, day: number): number {
  const years = Math.floor(day / yearDays);
  const position = (day - years * yearDays) / monthDays;
  const month = Math.min(Math.floor(position), monthsInYear - 1);
  let passed = 0;
  for (let i = 0; i < month; i++) passed += integral(season, i, 1);
  return years * yearDays + monthDays * (passed + integral(season, month, position - month));
}

/** Integral of the season's factor over the first part (0 to 1) of a month, in months. */
function integral(season: SalesSeason, month: number, part: number): number {
  const at = (index: number) => season[(index + monthsInYear) % monthsInYear]!;
  const start = (at(month - 1) + at(month)) / 2;
  const middle = at(month);
  const end = (at(month) + at(month + 1)) / 2;
  const first = Math.min(part, 0.5);
  const second = Math.max(part - 0.5, 0);
  return first * (start + (middle - start) * first) + second * (middle + (end - middle) * second);
}
