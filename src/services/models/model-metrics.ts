import type { ModelVersion } from '../../entities/index.js';
import type { WordReading } from '../../ml/model/served-model.js';
import type { Horizons } from '../../ml/training/advice.js';
import type { EvaluationReport } from '../../ml/training/evaluation.js';
import type { EpochRecord } from '../../ml/training/fine-tune.js';
import type { ScoringPrecision } from '../fine-tuning/scoring-precision.js';

/** What a fine-tune stores in `ModelVersion.metrics`; evaluations add `holdout`. */
export interface ModelMetrics {
  /** On the held-out customers; null where there were none. */
  readonly validation: EvaluationReport | null;
  readonly history: readonly EpochRecord[];
  readonly precision: ScoringPrecision;
  readonly words: WordReading;
  /** Null where only the prior is served. */
  readonly horizons: Horizons | null;
  /** As in the report of its snapshot, which may be deleted; null where purchases went on until the as-of date. */
  readonly silentSince: string | null;
}

/** The model's metrics; empty during training. */
export const metricsOf = ({ metrics }: Pick<ModelVersion, 'metrics'>): Partial<ModelMetrics> => metrics;
