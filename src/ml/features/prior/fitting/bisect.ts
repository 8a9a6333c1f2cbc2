/**
 * Halves an interval time and again, and keeps the half in which something ceases to hold.
 * @param holds at `low`, and up to one place between it and `high`
 * @returns the ends of the last half
 */
export function bisect(
  low: number,
  high: number,
  halvings: number,
  holds: (middle: number) => boolean,
): [low: number, high: number] {
  for (let i = 0; i < halvings; i++) {
    const middle = (low + high) / 2;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return [low, high];
}
