import type { ExplanationContent } from '../../ml/explain/explanation.js';
import type { Engine } from '../../ml/engine/engine.js';
import type { FeatureRow } from '../../ml/features/feature-row.js';
import type { ExplainedCustomer } from '../explanations/customer-explaining.js';
import type { ScoredCustomer } from '../scoring/customer-scoring.js';
import type { PredictionPeriod } from '../predictions/prediction-store.js';

/** The engine that runs the models. */
export type EngineInfo = Pick<Engine, 'name' | 'device' | 'description'>;

/** Everything that services need of models: the heavy computing of requests, but not their SQL. */
export interface Inference {
  /**
   * Predictions by the period's model, or by the prior where it has none, in the order of the rows.
   * @throws ClvError NOT_FOUND, MODEL_NOT_READY, INSUFFICIENT_DATA, ENGINE_UNAVAILABLE
   */
  score(period: PredictionPeriod, rows: readonly FeatureRow[]): Promise<ScoredCustomer[]>;
  /** Explanations in the order of the customers. @throws ClvError like `score` */
  explain(period: PredictionPeriod, customers: readonly ExplainedCustomer[]): Promise<ExplanationContent[]>;
  /** @throws ClvError ENGINE_UNAVAILABLE */
  engine(): Promise<EngineInfo>;
  close(): Promise<void>;
}
