import type { DataSource } from 'typeorm';
import { isRecordedLate } from '../../ml/features/event-tracking.js';
import { buildModelInput } from '../../ml/features/model-input.js';
import type { FeatureRow, ModelInput } from '../../ml/features/feature-row.js';
import { type Example, type LabelledExample, toExample, type TrainingExample } from '../../ml/scoring/example.js';
import { largestCredibleValue, type ServingScale } from '../../ml/scoring/served-prediction.js';
import type { Tokenizer } from '../../ml/text/tokenizer.js';
import type { JobHooks } from '../../progress.js';
import { iterateSnapshotRows, type SnapshotContent } from '../preprocessing/snapshots.service.js';
import { clamp } from '../../math.js';

/** Held-out customers of the newest closed window. */
export interface ValidationData {
  readonly rows: readonly FeatureRow[];
  /** Net spend in currency. */
  readonly actual: readonly number[];
}

/** Customers of the snapshot's date. */
export interface BaseSample {
  readonly rows: readonly FeatureRow[];
  readonly examples: readonly Example[];
}

export interface TrainingData {
  readonly training: readonly TrainingExample[];
  readonly validation: readonly LabelledExample[];
  readonly validationRows: ValidationData;
  readonly base: BaseSample;
  /** `residualSigma` is still a guess: `validateModel` fits it. */
  readonly scale: ServingScale;
}

/** A few rows that count for more than this would be learnt by heart. */
const largestWeight = 6;

/** Reads a snapshot's rows as the model will see them: standardised, tokenised, in units of the value scale. */
export async function encodeTrainingData(
  dataSource: DataSource,
  snapshot: SnapshotContent,
  baseRows: readonly FeatureRow[],
  { tokenizer, maxTokens }: { readonly tokenizer: Tokenizer; readonly maxTokens: number },
  { progress, signal }: JobHooks,
): Promise<TrainingData> {
  const scale = scaleOf(snapshot);
  const { valueScale } = scale;
  const { tracking } = snapshot.scaler;
  const encode = (input: ModelInput): Example => toExample(input, tokenizer, { maxTokens, valueScale });
  const training: (LabelledExample & { readonly newest: boolean })[] = [];
  const validation: LabelledExample[] = [];
  const rows: FeatureRow[] = [];
  const actual: number[] = [];
  let read = 0;
  for await (const batch of iterateSnapshotRows(dataSource, snapshot)) {
    signal.throwIfAborted();
    for (const { row, window, split, label } of batch) {
      const { horizonDays, prior, validation: newest } = snapshot.windows[window]!;
      const input = buildModelInput({ row, horizonDays, scaler: snapshot.scaler, prior });
      const labelled = { ...encode(input), value: label / valueScale };
      if (split === 'TRAIN') {
        training.push({ ...labelled, newest: newest && !(tracking && isRecordedLate(tracking, row.asOf)) });
      } else {
        validation.push(labelled);
        rows.push(row);
        actual.push(label);
      }
    }
    read += batch.length;
    await progress.report('tokenising', read / Math.max(snapshot.rowCount, 1));
  }
  const base = baseOf(baseRows, snapshot, encode);
  return { training: weighted(training), validation, validationRows: { rows, actual }, base, scale };
}

function baseOf(
  rows: readonly FeatureRow[],
  { horizonDays, scaler, prior }: SnapshotContent,
  encode: (input: ModelInput) => Example,
): BaseSample {
  return { rows, examples: rows.map((row) => encode(buildModelInput({ row, horizonDays, scaler, prior }))) };
}

/**
 * The newest closed window at the longest horizon is most like what will be asked: it counts as much as all others, unless later windows of
 * shorter horizons have seen more of the events.
 */
function weighted(training: readonly (LabelledExample & { readonly newest: boolean })[]): TrainingExample[] {
  const newestRows = training.filter(({ newest }) => newest).length;
  const weight = clamp((training.length - newestRows) / Math.max(newestRows, 1), 1, largestWeight);
  return training.map(({ newest, ...example }) => ({ ...example, weight: newest ? weight : 1 }));
}

function scaleOf({ report: { labels }, spend, windows, horizonDays }: SnapshotContent): ServingScale {
  const longest = Math.max(...windows.map((window) => window.horizonDays), 1);
  return {
    valueScale: labels.meanPositive > 0 ? labels.meanPositive : 1,
    residualSigma: 1,
    // The training rows may be a sample that lacks the customer who spent most.
    largestValue: largestCredibleValue(Math.max(labels.largest, spend.largestSpend), horizonDays, longest),
  };
}
