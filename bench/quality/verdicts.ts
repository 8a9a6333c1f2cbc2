import { quantile } from '../../src/math.js';
import { type CellDraws, type CellMetric, cellMetrics } from './cell-bootstrap.js';

export type Verdict = 'significantly better' | 'better' | 'not significantly worse' | 'worse';

/** A difference of ours to a peer; positive is better whatever the metric. */
export interface Advantage {
  readonly value: number;
  /** 95 % percentile interval. */
  readonly lower: number;
  readonly upper: number;
}

export interface Cell {
  readonly metric: CellMetric;
  readonly bestPeer: string;
  readonly peer: number;
  readonly ours: number;
  readonly advantage: Advantage;
  readonly verdict: Verdict;
}

const higherIsBetter: Record<CellMetric, boolean> = {
  gini: true,
  spearman: true,
  rmse: false,
  decileMape: false,
  absoluteBias: false,
};

/** Ours beside the best value that any peer reaches, metric by metric; those that no peer defines are left out. */
export function compareWithBest(draws: CellDraws, peers: readonly string[]): Cell[] {
  const mine = draws.get('ours');
  if (!mine) return [];
  return cellMetrics.flatMap((metric) => {
    const sign = higherIsBetter[metric] ? 1 : -1;
    const candidates = peers
      .map((name) => ({ name, value: draws.get(name)![metric][0]! }))
      .filter(({ value }) => Number.isFinite(value))
      .toSorted((a, b) => sign * (b.value - a.value));
    const [best] = candidates;
    if (!best) return [];
    const advantage = advantageOf(draws, metric, 'ours', best.name);
    const verdict = verdictOf(advantage);
    return { metric, bestPeer: best.name, peer: best.value, ours: mine[metric][0]!, advantage, verdict };
  });
}

export function advantageOf(draws: CellDraws, metric: CellMetric, name: string, other: string): Advantage {
  const sign = higherIsBetter[metric] ? 1 : -1;
  const [left, right] = [draws.get(name)![metric], draws.get(other)![metric]];
  const [value, ...drawn] = Array.from(left, (own, i) => sign * (own - right[i]!));
  const sorted = drawn.filter(Number.isFinite).toSorted((a, b) => a - b);
  return { value: value!, lower: quantile(sorted, 0.025), upper: quantile(sorted, 0.975) };
}

function verdictOf({ value, lower, upper }: Advantage): Verdict {
  if (value > 0) return lower > 0 ? 'significantly better' : 'better';
  return upper < 0 ? 'worse' : 'not significantly worse';
}
