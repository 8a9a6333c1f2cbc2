/** What one thing should reach, set beforehand, and what was measured. */
export interface Goal {
  readonly what: string;
  readonly goal: string;
  readonly measured: string;
  readonly reached: boolean;
}

/** The lowest of the values must reach the limit; none where nothing was measured. */
export function atLeast(what: string, limit: number, values: readonly number[], unit = 'times'): Goal[] {
  return judged(what, `at least ${limit}`, values, unit, Math.min(...values) >= limit);
}

/** The highest of the values must not be above the limit; none where nothing was measured. */
export function atMost(what: string, limit: number, values: readonly number[], unit = 'times'): Goal[] {
  return judged(what, `at most ${limit}`, values, unit, Math.max(...values) <= limit);
}

function judged(what: string, goal: string, values: readonly number[], unit: string, reached: boolean): Goal[] {
  if (values.length === 0) return [];
  const [lowest, highest] = [shown(Math.min(...values)), shown(Math.max(...values))];
  const range = lowest === highest ? lowest : `${lowest} to ${highest}`;
  return [{ what, goal: `${goal} ${unit}`.trimEnd(), measured: `${range} ${unit}`.trimEnd(), reached }];
}

/** Cut, not rounded: 0.996 must not stand as 1.00 beside a goal of 1. */
function shown(value: number): string {
  if (Number.isInteger(value)) return String(value);
  const digits = value < 0.1 ? 3 : value < 10 ? 2 : value < 100 ? 1 : 0;
  return (Math.floor(value * 10 ** digits) / 10 ** digits).toFixed(digits);
}
