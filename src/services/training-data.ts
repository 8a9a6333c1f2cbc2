import type { DataSource } from 'typeorm';
import { buildModelInput } from '../ml/features/model-input.js';
import type { FeatureRow } from '../ml/features/feature-row.js';
import { type LabelledExample, toExample } from '../ml/scoring/example.js';
import type { ServingScale } from '../ml/scoring/served-prediction.js';
import type { Tokenizer } from '../ml/text/tokenizer.js';
import type { ProgressReporter } from '../progress.js';
import { iterateSnapshotRows, type SnapshotContent } from './snapshots.service.js';

/** Held-out customers of the newest closed window. */
export interface ValidationData {
  readonly rows: readonly FeatureRow[];
  /** Net spend in currency. */
  readonly actual: readonly number[];
}

export interface TrainingData {
  readonly training: readonly LabelledExample[];
  readonly validation: readonly LabelledExample[];
  readonly validationRows: ValidationData;
  /** `residualSigma` is still a guess: `validateModel` fits it. */
  readonly scale: ServingScale;
}

/** Beyond this multiple of the largest label seen, scaled to a year at least, no prediction goes. */
const headroom = 3;

/** Reads a snapshot's rows as the model will see them: standardised, tokenised, in units of the value scale. */
export async function encodeTrainingData(
  dataSource: DataSource,
  snapshot: SnapshotContent,
  tokenizer: Tokenizer,
  maxTokens: number,
  { progress, signal }: { progress: ProgressReporter; signal: AbortSignal },
): Promise<TrainingData> {
  const scale = valueScaleOf(snapshot);
  const training: LabelledExample[] = [];
  const validation: LabelledExample[] = [];
  const rows: FeatureRow[] = [];
  const actual: number[] = [];
  let read = 0;
  for await (const batch of iterateSnapshotRows(dataSource, snapshot.id)) {
    signal.throwIfAborted();
    for (const { row, window, split, label } of batch) {
      const { horizonDays, prior } = snapshot.windows[window]!;
      const input = buildModelInput({ row, horizonDays, scaler: snapshot.scaler, prior });
      const example = toExample(input, tokenizer, { maxTokens, valueScale: scale.valueScale });
      const labelled = { ...example, value: label / scale.valueScale };
      if (split === 'TRAIN') {
        training.push(labelled);
      } else {
        validation.push(labelled);
        rows.push(row);
        actual.push(label);
      }
    }
    read += batch.length;
    await progress.report('tokenising', read / Math.max(snapshot.rowCount, 1));
  }
  return { training, validation, validationRows: { rows, actual }, scale };
}

function valueScaleOf({ labels, windows, horizonDays }: SnapshotContent): ServingScale {
  const longest = Math.max(...windows.map((window) => window.horizonDays), 1);
  return {
    valueScale: labels.meanPositive > 0 ? labels.meanPositive : 1,
    residualSigma: 1,
    largestValue: headroom * Math.max(labels.largest, 1) * Math.max(horizonDays / longest, 1),
  };
}
