import type { DataSource } from 'typeorm';
import type { Config } from '../../config.js';
import type { ExplanationContent } from '../../ml/explain/explanation.js';
import type { FeatureRow } from '../../ml/features/feature-row.js';
import { type ExplainedCustomer, explainCustomers } from '../explanations/customer-explaining.js';
import { type ScoredCustomer, scoreCustomers } from '../scoring/customer-scoring.js';
import { type LoadedModel, ModelLoader } from '../models/loaded-model.js';
import type { PredictionPeriod } from '../predictions/prediction-store.js';
import { noModelId, type PriorModel, PriorModels } from '../predictions/prior-models.js';
import type { EngineInfo, Inference } from './inference.js';

/** Runs models in this process, which is blocked while a batch is in the engine. */
export class LocalInference implements Inference {
  private readonly models: ModelLoader;
  private readonly priors: PriorModels;

  constructor(dataSource: DataSource, config: Config) {
    this.models = new ModelLoader(dataSource, config);
    this.priors = new PriorModels(dataSource);
  }

  score(period: PredictionPeriod, rows: readonly FeatureRow[]): Promise<ScoredCustomer[]> {
    return this.withModel(period, (model) => scoreCustomers(model, rows, period));
  }

  explain(period: PredictionPeriod, customers: readonly ExplainedCustomer[]): Promise<ExplanationContent[]> {
    return this.withModel(period, (model) => explainCustomers(model, customers, period.horizonDays));
  }

  async engine(): Promise<EngineInfo> {
    const { name, device, description } = await this.models.getEngine();
    return { name, device, description };
  }

  close(): Promise<void> {
    return this.models.close();
  }

  private async withModel<T>(
    { modelId, asOf, horizonDays, fit }: PredictionPeriod,
    use: (model: LoadedModel | PriorModel) => Promise<T>,
  ): Promise<T> {
    if (modelId === noModelId) return use(await this.priors.at(asOf, horizonDays, fit));
    await using model = await this.models.byId(modelId);
    return await use(model);
  }
}
