import { setImmediate as nextTurn } from 'node:timers/promises';
import { ClvError } from '../../../errors.js';
import { quantile } from '../../../math.js';
import { type JobHooks, type ProgressReporter, silentProgress } from '../../../progress.js';
import { Random } from '../../../random.js';

export type Metric = (actual: ArrayLike<number>, predicted: ArrayLike<number>) => number | null;

interface BootstrapDifference {
  /** metric(a) - metric(b) on all customers. */
  difference: number;
  /** 95 % percentile interval of the difference. */
  lower: number;
  upper: number;
}

interface PairedPredictions {
  readonly actual: ArrayLike<number>;
  /** Of the same customers, in the same order. */
  readonly a: ArrayLike<number>;
  readonly b: ArrayLike<number>;
  readonly draws: number;
  readonly seed: number | string;
}

const drawsPerTurn = 10;

/**
 * Interval of the difference of a metric between two predictions of the same customers, by the paired bootstrap (Efron & Tibshirani 1993,
 * percentile interval). The same seed gives the same figures. Lets other work run between draws.
 *
 * @throws ClvError INSUFFICIENT_DATA where the metric is undefined on these customers; RUN_CANCELLED on `signal`
 */
export async function pairedBootstrap(
  metric: Metric,
  { a, b, actual, draws, seed }: PairedPredictions,
  { progress = silentProgress, signal }: Partial<JobHooks> = {},
): Promise<BootstrapDifference> {
  const difference = subtract(metric(actual, a), metric(actual, b));
  const random = new Random(seed);
  const count = actual.length;
  const [drawnActual, drawnA, drawnB] = [0, 1, 2].map(() => new Float64Array(count)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const differences: number[] = [];
  for (let draw = 0; draw < draws; draw++) {
    for (let i = 0; i < count; i++) {
      const row = random.integer(count);
      drawnActual[i] = actual[row]!;
      drawnA[i] = a[row]!;
      drawnB[i] = b[row]!;
    }
    const drawn = subtract(metric(drawnActual, drawnA), metric(drawnActual, drawnB));
    if (drawn !== null) differences.push(drawn);
    if (draw % drawsPerTurn === 0) await turn(progress, draw / draws, signal);
  }
  if (difference === null || differences.length === 0) {
    throw new ClvError('INSUFFICIENT_DATA', 'The metric is not defined on these customers: their values do not vary.');
  }
  differences.sort((left, right) => left - right);
  return {
    difference,
    lower: quantile(differences, 0.025),
    upper: quantile(differences, 0.975),
  };
}

async function turn(progress: ProgressReporter, fraction: number, signal: AbortSignal | undefined): Promise<void> {
  await progress.report('bootstrapping', fraction);
  await nextTurn();
  if (signal?.aborted) throw new ClvError('RUN_CANCELLED', 'The bootstrap was cancelled.');
}

function subtract(left: number | null, right: number | null): number | null {
  return left === null || right === null ? null : left - right;
}
