/** In days. Labels of shorter training windows say little about a customer's worth. */
export const shortestLearntDays = 7;
/** Five years: the longest horizon that can be asked for, in days. */
export const longestHorizonDays = 1_826;
