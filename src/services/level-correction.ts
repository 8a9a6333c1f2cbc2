/**
 * By how much the model's level lies above the prior's, learnt in windows of `horizonDays`. What made the difference (a
 * season, a boom, a price rise) was seen to last so long, and no longer.
 */
export interface LevelCorrection {
  /** Sum of the model's expected values over the prior's, on held-out customers of the newest closed window. */
  readonly ratio: number;
  readonly horizonDays: number;
}

export const noCorrection: LevelCorrection = { ratio: 1, horizonDays: Number.MAX_SAFE_INTEGER };

/**
 * Added to the prior's log value before the model corrects it. Zero up to the longest horizon that was learnt; beyond
 * it the model's level applies to the part that was learnt, and the prior's to the rest:
 * ln((ratio h + (H - h)) / (ratio H)).
 */
export function levelShift({ ratio, horizonDays: learnt }: LevelCorrection, horizonDays: number): number {
  if (horizonDays <= learnt) return 0;
  return Math.log((ratio * learnt + (horizonDays - learnt)) / (ratio * horizonDays));
}

/** @param model expected values, and the prior's for the same customers */
export function levelCorrection(
  model: readonly number[],
  prior: readonly number[],
  horizonDays: number,
): LevelCorrection {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const ratio = sum(model) / sum(prior);
  return Number.isFinite(ratio) && ratio > 0 ? { ratio, horizonDays } : noCorrection;
}
