/**
 * What a model's level is corrected by. What made it differ from the prior's in windows of `horizonDays` (a season, a
 * boom, a price rise) was seen to last so long, and no longer.
 */
export interface LevelCorrection {
  /**
   * Natural log of what training customers really spent in all over what the model expected of them: a likelihood does
   * not make the two equal.
   */
  readonly calibration: number;
  /** Sum of the calibrated model's expected values over the prior's, on held-out customers of the newest closed window. */
  readonly ratio: number;
  readonly horizonDays: number;
}

export const noCorrection: LevelCorrection = { calibration: 0, ratio: 1, horizonDays: Number.MAX_SAFE_INTEGER };

/**
 * Added to the prior's log value before the model corrects it: the calibration, and beyond the longest horizon that was
 * learnt what makes the model's level apply to the part that was learnt, and the prior's to the rest:
 * ln((ratio h + (H - h)) / (ratio H)).
 */
export function levelShift({ calibration, ratio, horizonDays: learnt }: LevelCorrection, horizonDays: number): number {
  if (horizonDays <= learnt) return calibration;
  return calibration + Math.log((ratio * learnt + (horizonDays - learnt)) / (ratio * horizonDays));
}

/**
 * The log of the ratio of two totals, drawn towards 0 as far as chance may have made it.
 * @param rows net spend and expected value of training rows, and how much each counts
 */
export function levelCalibration(
  rows: readonly { readonly actual: number; readonly predicted: number; readonly weight: number }[],
): number {
  const total = sum(rows.map(({ predicted, weight }) => weight * predicted));
  const log = Math.log(sum(rows.map(({ actual, weight }) => weight * actual)) / total);
  if (!Number.isFinite(log)) return 0;
  const squares = rows.map(({ actual, predicted, weight }) => (weight * (actual - predicted)) ** 2);
  const variance = sum(squares) / total ** 2;
  return log === 0 ? 0 : log * (log ** 2 / (log ** 2 + variance));
}

/** @param model expected values, and the prior's for the same customers */
export function levelCorrection(
  model: readonly number[],
  prior: readonly number[],
  { calibration, horizonDays }: { readonly calibration: number; readonly horizonDays: number },
): LevelCorrection {
  const ratio = sum(model) / sum(prior);
  return Number.isFinite(ratio) && ratio > 0 ? { calibration, ratio, horizonDays } : { ...noCorrection, calibration };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
