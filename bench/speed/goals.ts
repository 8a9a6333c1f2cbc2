/** What one thing should reach, set beforehand, and what was measured. */
export interface Goal {
  readonly what: string;
  readonly goal: string;
  readonly measured: string;
  readonly reached: boolean;
}

/** The lowest of the values must reach the limit; none where nothing was measured. */
export function atLeast(what: string, limit: number, values: readonly number[]): Goal[] {
  return judged(what, `at least ${limit}`, values, 'times', Math.min(...values) >= limit, Math.floor);
}

/** The highest of the values must not be above the limit; none where nothing was measured. */
export function atMost(what: string, limit: number, values: readonly number[], unit = 'times'): Goal[] {
  return judged(what, `at most ${limit}`, values, unit, Math.max(...values) <= limit, Math.ceil);
}

function judged(
  what: string,
  goal: string,
  values: readonly number[],
  unit: string,
  reached: boolean,
  round: (value: number) => number,
): Goal[] {
  if (values.length === 0) return [];
  const [lowest, highest] = [shown(Math.min(...values), round), shown(Math.max(...values), round)];
  const range = lowest === highest ? lowest : `${lowest} to ${highest}`;
  return [{ what, goal: `${goal} ${unit}`.trimEnd(), measured: `${range} ${unit}`.trimEnd(), reached }];
}

/** To the worse side: neither 0.996 beside a goal of at least 1 nor 1.004 beside one of at most 1 may stand as 1.00. */
function shown(value: number, round: (value: number) => number): string {
  if (Number.isInteger(value)) return String(value);
  const digits = value < 0.1 ? 3 : value < 10 ? 2 : value < 100 ? 1 : 0;
  // Without what binary fractions leave over: 0.57 is not to become 0.58, nor 0.29 0.28.
  const scaled = Number((value * 10 ** digits).toPrecision(12));
  return (round(scaled) / 10 ** digits).toFixed(digits);
}
