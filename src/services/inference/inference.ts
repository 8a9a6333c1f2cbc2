import type { ExplanationContent } from '../../ml/explain/explanation.js';
import type { Engine } from '../../ml/engine/engine.js';
import type { FeatureRow } from '../../ml/features/feature-row.js';
import type { ExplainedCustomer } from '../explanations/customer-explaining.js';
import type { ScoredCustomer } from '../scoring/customer-scoring.js';
import type { PredictionPeriod } from '../predictions/prediction-store.js';

/** What executes the models. */
export type EngineInfo = Pick<Engine, 'name' | 'device' | 'description'>;

/** Everything that services ask of models: all heavy computing, none of the requests' SQL. */
export interface Inference {
  /**
   * Of the period's model, or of the prior where it has none, in the order of the rows.
   * @throws ClvError NOT_FOUND, MODEL_NOT_READY, INSUFFICIENT_DATA, ENGINE_UNAVAILABLE
   */
  score(period: PredictionPeriod, rows: readonly FeatureRow[]): Promise<ScoredCustomer[]>;
  /** In the order of the customers. @throws ClvError like `score` */
  explain(period: PredictionPeriod, customers: readonly ExplainedCustomer[]): Promise<ExplanationContent[]>;
  /** @throws ClvError ENGINE_UNAVAILABLE */
  engine(): Promise<EngineInfo>;
  close(): Promise<void>;
}
