/** Of a parameter p and i = 0, 1, ...: p (p + 1) ... (p + i - 1), which is gamma(p + i) / gamma(p). */
export interface RisingFactorials {
  /** Natural logs. */
  readonly log: Float64Array;
  /** Derivatives of these by the parameter. */
  readonly slope: Float64Array;
}

export function risingFactorials(parameter: number, longest: number): RisingFactorials {
  const log = new Float64Array(longest + 1);
  const slope = new Float64Array(longest + 1);
  for (let i = 0; i < longest; i++) {
    log[i + 1] = log[i]! + Math.log(parameter + i);
    slope[i + 1] = slope[i]! + 1 / (parameter + i);
  }
  return { log, slope };
}
