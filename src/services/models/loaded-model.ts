import type { DataSource } from 'typeorm';
import type { Config } from '../../config.js';
import type { ModelVersion } from '../../entities/index.js';
import { ClvError } from '../../errors.js';
import { Lazy } from '../../lazy.js';
import { IntegratedGradients } from '../../ml/explain/integrated-gradients.js';
import { createEngine } from '../../ml/engine/create-engine.js';
import type { Engine } from '../../ml/engine/engine.js';
import { numericTokenNames } from '../../ml/features/model-input.js';
import { deserialiseModel } from '../../ml/model/serialise.js';
import type { ModelSpec } from '../../ml/model/spec.js';
import { Predictor } from '../../ml/scoring/predictor.js';
import { createTokenizer } from '../../ml/text/load-tokenizer.js';
import type { Tokenizer } from '../../ml/text/tokenizer.js';
import { serviceLog } from '../service-log.js';
import { requireModel } from './find-model.js';
import { loadArtifact } from './model-artifacts.service.js';
import { ofEarlierVersion, type ServingBundle, servingBundleOf } from './serving-bundle.js';

/** A model version in memory, ready to score. Each holder disposes of it; it stays in memory while others hold it. */
export interface LoadedModel extends AsyncDisposable {
  readonly version: ModelVersion;
  readonly spec: ModelSpec;
  readonly tokenizer: Tokenizer;
  readonly bundle: ServingBundle;
  readonly predictor: Predictor;
  /** Made at the first explanation. */
  readonly attributor: () => IntegratedGradients;
}

/** The part of a loaded model that its holders share. */
type Resources = Omit<LoadedModel, 'version'>;

/** The active model, and one that is evaluated or compared with it. */
const mostKept = 2;

/** Logs models that cannot be freed, which must not fail the caller who asked for another one. */
const log = serviceLog('models');

interface Entry {
  readonly resources: Promise<Resources>;
  holders: number;
}

/**
 * Loads models, and keeps the engine and the models that were used last. Concurrent callers share one load. A model is freed when it is
 * neither kept nor held any more.
 */
export class ModelLoader {
  private readonly engine = new Lazy(() => createEngine(this.config));
  /** In the order of their last use. */
  private readonly kept = new Map<string, Entry>();
  /** All loaded models, including those that are still held, but no longer kept. */
  private readonly loaded = new Set<Entry>();

  constructor(
    private readonly dataSource: DataSource,
    private readonly config: Config,
  ) {}

  /** The engine of this process, started at the first use. @throws ClvError ENGINE_UNAVAILABLE */
  getEngine(): Promise<Engine> {
    return this.engine.get();
  }

  /** @throws ClvError NOT_FOUND, MODEL_NOT_READY */
  async byId(id: string): Promise<LoadedModel> {
    const version = await requireModel(this.dataSource.manager, id);
    const entry = this.entryOf(version);
    entry.holders++;
    try {
      return holding(await entry.resources, version, () => this.release(entry));
    } catch (error) {
      if (this.kept.get(id) === entry) this.kept.delete(id);
      await this.release(entry);
      throw error;
    }
  }

  /** Frees everything, also models that are still held. */
  async close(): Promise<void> {
    const entries = [...this.loaded];
    this.kept.clear();
    this.loaded.clear();
    for (const entry of entries) await free(entry);
    await (await this.engine.take())?.dispose();
  }

  private entryOf(version: ModelVersion): Entry {
    const entry = this.kept.get(version.id) ?? { resources: this.read(version), holders: 0 };
    this.kept.delete(version.id);
    this.kept.set(version.id, entry);
    this.loaded.add(entry);
    if (this.kept.size > mostKept) {
      const [oldest, forgotten] = this.kept.entries().next().value!;
      this.kept.delete(oldest);
      this.freeIfUnused(forgotten).catch((error: unknown) => log.warn({ err: error }, 'a model was not freed'));
    }
    return entry;
  }

  private async release(entry: Entry): Promise<void> {
    entry.holders--;
    await this.freeIfUnused(entry);
  }

  private async freeIfUnused(entry: Entry): Promise<void> {
    if (entry.holders > 0 || [...this.kept.values()].includes(entry)) return;
    if (this.loaded.delete(entry)) await free(entry);
  }

  private async read(version: ModelVersion): Promise<Resources> {
    const bundle = servingBundleOf(version);
    const bytes = await loadArtifact(this.dataSource.manager, version.id, 'MODEL');
    if (!bytes) {
      // It may have been deleted meanwhile.
      await requireModel(this.dataSource.manager, version.id);
      throw new ClvError('MODEL_NOT_READY', `Model ${version.id} has no stored weights.`);
    }
    const { spec, weights, tokenizer: files } = deserialiseModel(bytes, `Model ${version.id}`);
    requireSameFeatures(version, spec, bundle);
    const tokenizer = await createTokenizer(files, `Model ${version.id}`, spec.encoder.vocabSize).catch(
      // The version that trained it could read this base.
      (error: unknown) => throwUnusable(version, error),
    );
    const engine = await this.getEngine();
    const predictor = new Predictor(engine, { spec, weights }, tokenizer.special.pad, bundle.activationRanges);
    let attributor: IntegratedGradients | undefined;
    return {
      spec,
      tokenizer,
      bundle,
      predictor,
      attributor: () => (attributor ??= new IntegratedGradients(engine, { spec, weights }, tokenizer.special)),
      async [Symbol.asyncDispose]() {
        await predictor.dispose();
        await attributor?.dispose();
      },
    };
  }
}

/** The model for a further holder, who may release it more than once. */
function holding(resources: Resources, version: ModelVersion, release: () => Promise<void>): LoadedModel {
  let released: Promise<void> | undefined;
  return { ...resources, version, [Symbol.asyncDispose]: () => (released ??= release()) };
}

/** Frees a model, unless loading it has failed. */
async function free({ resources }: Entry): Promise<void> {
  const [loaded] = await Promise.allSettled([resources]);
  if (loaded.status === 'fulfilled') await loaded.value[Symbol.asyncDispose]();
}

function throwUnusable(version: ModelVersion, error: unknown): never {
  throw error instanceof ClvError && error.code === 'CHECKPOINT_INVALID' ? ofEarlierVersion(version, error) : error;
}

/** Refuses a model that was trained on features other than this version of clvgraph computes. */
function requireSameFeatures(version: ModelVersion, spec: ModelSpec, { scaler }: ServingBundle): void {
  if (numericTokenNames(scaler).join() === spec.numericFeatures.join()) return;
  throw ofEarlierVersion(version);
}
