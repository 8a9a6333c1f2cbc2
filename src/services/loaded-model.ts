import type { DataSource } from 'typeorm';
import type { Config } from '../config.js';
import { ModelVersion } from '../entities/index.js';
import { ClvError } from '../errors.js';
import { IntegratedGradients } from '../ml/explain/integrated-gradients.js';
import { createEngine } from '../ml/engine/create-engine.js';
import type { Engine } from '../ml/engine/engine.js';
import { numericTokenNames } from '../ml/features/model-input.js';
import { deserialiseModel } from '../ml/model/serialise.js';
import type { ModelSpec } from '../ml/model/spec.js';
import { Predictor } from '../ml/scoring/predictor.js';
import { createTokenizer, type Tokenizer } from '../ml/text/tokenizer.js';
import { loadArtifact } from './model-artifacts.service.js';
import { noModelId, type PriorModel, PriorModels } from './prior-models.js';
import type { PredictionPeriod } from './prediction-store.js';
import { type ServingBundle, servingBundleOf } from './serving-bundle.js';

/** A model version in memory, ready to score. */
export interface LoadedModel {
  readonly version: ModelVersion;
  readonly spec: ModelSpec;
  readonly tokenizer: Tokenizer;
  readonly bundle: ServingBundle;
  readonly predictor: Predictor;
  /** Made at the first explanation. */
  readonly attributor: () => IntegratedGradients;
}

/** Keeps the engine and the models that were used last; concurrent callers share one load. */
export class ModelLoader {
  private engine: Promise<Engine> | undefined;
  private readonly models = new Map<string, Promise<LoadedModel>>();
  private readonly priors: PriorModels;

  constructor(
    private readonly dataSource: DataSource,
    private readonly config: Config,
    private readonly capacity = 2,
  ) {
    this.priors = new PriorModels(dataSource);
  }

  /** The engine of this process, started at the first use. */
  getEngine(): Promise<Engine> {
    const { engine, device, threads } = this.config;
    this.engine ??= createEngine({ engine, device, ...(threads > 0 ? { threads } : {}) });
    return this.engine;
  }

  /** @throws ClvError MODEL_NOT_READY where no model was promoted yet */
  async active(): Promise<LoadedModel> {
    const model = await this.findActive();
    if (model) return model;
    throw new ClvError(
      'MODEL_NOT_READY',
      'No model is active. Run startPreprocessing and startFineTune, then promoteModel the candidate.',
    );
  }

  /** Null where no model was promoted yet. @throws ClvError MODEL_NOT_READY for one that does not fit this version */
  async findActive(): Promise<LoadedModel | null> {
    const version = await this.dataSource.manager.findOneBy(ModelVersion, { state: 'ACTIVE' });
    return version && this.load(version);
  }

  /** What predictions of the period rest on. @throws ClvError NOT_FOUND, MODEL_NOT_READY, INSUFFICIENT_DATA */
  forPeriod({ modelId, asOf, horizonDays }: PredictionPeriod): Promise<LoadedModel | PriorModel> {
    return modelId === noModelId ? this.priors.at(asOf, horizonDays) : this.byId(modelId);
  }

  /** @throws ClvError NOT_FOUND, MODEL_NOT_READY */
  async byId(id: string): Promise<LoadedModel> {
    const version = await this.dataSource.manager.findOneBy(ModelVersion, { id });
    if (!version) throw new ClvError('NOT_FOUND', `There is no model ${id}.`);
    return this.load(version);
  }

  async close(): Promise<void> {
    const models = await Promise.allSettled(this.models.values());
    this.models.clear();
    for (const model of models) if (model.status === 'fulfilled') await model.value.predictor.dispose();
    await (await this.engine)?.dispose();
    this.engine = undefined;
  }

  private async load(version: ModelVersion): Promise<LoadedModel> {
    const known = this.models.get(version.id);
    if (known) return { ...(await known), version };
    const loading = this.read(version);
    this.models.set(version.id, loading);
    loading.catch(() => this.models.delete(version.id));
    // The oldest entry stays usable for those who hold it; it only leaves the cache.
    if (this.models.size > this.capacity) this.models.delete(this.models.keys().next().value!);
    return loading;
  }

  private async read(version: ModelVersion): Promise<LoadedModel> {
    const bundle = servingBundleOf(version);
    const bytes = await loadArtifact(this.dataSource.manager, version.id, 'MODEL');
    if (!bytes) throw new ClvError('MODEL_NOT_READY', `Model ${version.id} has no stored weights.`);
    const { spec, weights, tokenizer: files } = deserialiseModel(bytes, `Model ${version.id}`);
    requireSameFeatures(version, spec, bundle);
    const tokenizer = await createTokenizer(files);
    const engine = await this.getEngine();
    const predictor = new Predictor(engine, { spec, weights }, tokenizer.special.pad);
    let attributor: IntegratedGradients | undefined;
    return {
      version,
      spec,
      tokenizer,
      bundle,
      predictor,
      attributor: () => (attributor ??= new IntegratedGradients(engine, { spec, weights }, tokenizer.special)),
    };
  }
}

/** A model fits the features that it was trained on; another version of clvgraph may compute others. */
function requireSameFeatures(version: ModelVersion, spec: ModelSpec, { scaler }: ServingBundle): void {
  if (numericTokenNames(scaler).join() === spec.numericFeatures.join()) return;
  throw new ClvError(
    'MODEL_NOT_READY',
    `Model ${version.id} was trained on features that this version does not compute. Preprocess and fine-tune again.`,
  );
}
