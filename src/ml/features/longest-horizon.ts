/** Five years: the longest horizon that can be asked for, in days. */
export const longestHorizonDays = 1_826;
