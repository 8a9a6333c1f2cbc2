/** How lively each month is, from January on; 1 is an average month. */
export type MonthlyWeights = readonly number[];

/** When a category sells. */
export const seasons = {
  flat: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
  christmas: [0.25, 0.1, 0.1, 0.1, 0.1, 0.1, 0.2, 0.4, 1.2, 2.2, 3.8, 3.6],
  winter: [1.7, 1.4, 1, 0.6, 0.4, 0.3, 0.3, 0.5, 0.9, 1.5, 1.8, 1.7],
  spring: [0.6, 0.9, 1.7, 2.1, 1.8, 1.2, 0.8, 0.7, 0.7, 0.6, 0.5, 0.5],
  summer: [0.4, 0.5, 0.8, 1.2, 1.7, 2.1, 1.9, 1.4, 0.8, 0.5, 0.4, 0.4],
  autumn: [0.6, 0.5, 0.6, 0.7, 0.8, 0.8, 0.8, 1.3, 2, 1.8, 1.3, 0.8],
  gifts: [0.5, 1.3, 1, 0.8, 1.1, 0.9, 0.7, 0.7, 0.8, 1, 1.6, 2.1],
} as const satisfies Record<string, MonthlyWeights>;

export type Season = keyof typeof seasons;

/** The whole shop's year: Christmas is the peak, January and February are quiet. */
export const shopYear: MonthlyWeights = [0.75, 0.7, 0.85, 0.85, 0.9, 0.85, 0.85, 0.85, 0.95, 1.1, 1.6, 1.75];

/** Months with a sale. */
const saleMonths = new Set([0, 6, 10]);

export function isSaleMonth(month: number): boolean {
  return saleMonths.has(month);
}

export function monthOf(time: number): number {
  return new Date(time).getUTCMonth();
}
