import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { DataSource } from 'typeorm';
import { writeSafetensors } from '../../../src/ml/model/safetensors.js';
import { asServed } from '../../../src/ml/model/served-model.js';
import { numberTensors } from '../../../src/ml/scoring/batches.js';
import type { Predictor } from '../../../src/ml/scoring/predictor.js';
import { movedByWords } from '../../../src/ml/scoring/word-effects.js';
import { ModelLoader } from '../../../src/services/models/loaded-model.js';
import { Peer } from '../engine/peer.js';
import type { Seconds } from '../engine/rounds.js';
import { configFor } from './model-steps.js';
import { readSample } from './sample.js';
import { activeModel } from './words.js';

/** Customers whom the Pipeline is given at a time. */
const sample = 2_000;
/** The model is the same on both sides; in 8-bit integers ours is off by about a hundredth. */
const tolerance = 0.05;

/**
 * transformers' Pipeline with the active model's weights, over what the model reads of some of the shop's customers: their
 * narratives, numbers and priors, all made beforehand.
 */
export class Pipeline implements AsyncDisposable {
  private constructor(
    private readonly peer: Peer,
    private readonly request: Readonly<Record<string, unknown>>,
    /** Of ours. */
    readonly precision: Predictor['precision'],
    /** Tokens of a narrative as the model reads it, at the median. */
    readonly tokens: number,
  ) {}

  static async open(dataSource: DataSource, url: string): Promise<Pipeline> {
    const peer = new Peer();
    try {
      const { told, length, files, values, precision, tokens } = await written(dataSource, url);
      await peer.ask({ do: 'load', id: 'pipeline', task: 'scoring', variant: 'pipeline', subject: told });
      const request = { do: 'score', id: 'pipeline', length, ...files };
      const { values: theirs } = await peer.ask<{ values: number[] }>(request);
      const apart = Math.max(...values.map((value, i) => Math.abs(value / theirs[i]! - 1)));
      if (!(apart < tolerance)) throw new Error(`The Pipeline's predictions are off by up to ${apart} of ours.`);
      return new Pipeline(peer, request, precision, tokens);
    } catch (error) {
      await peer.close();
      throw error;
    }
  }

  /** Customers a second. */
  async rate(): Promise<number> {
    const { seconds } = await this.peer.ask<{ seconds: Seconds }>(this.request);
    return sample / seconds.wall;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.peer.close();
  }
}

/** Files for the other side, what it is told of the model, and what ours predicts. */
async function written(dataSource: DataSource, url: string) {
  const active = await activeModel(dataSource);
  const { spec, weights, wordEffects } = asServed(active.model);
  const models = new ModelLoader(dataSource, configFor(url));
  try {
    await using model = await models.byId(active.id);
    const { inputs, examples } = await readSample(dataSource, model, sample);
    const folder = resolve('bench', 'speed', '.work', 'scale');
    await mkdir(folder, { recursive: true });
    const file = (name: string): string => join(folder, name);
    const layout = { batch: examples.length, features: spec.numericFeatures.length };
    const moved = examples.map((example) => movedByWords(example, wordEffects));
    const texts = inputs.map(({ narrative }) => narrative.map(({ text }) => text).join(' '));
    await writeFile(file('weights.safetensors'), writeSafetensors(weights));
    await writeFile(file('tokenizer.json'), model.tokenizer.files.tokenizer);
    await writeFile(file('texts.json'), JSON.stringify(texts));
    await writeFile(file('rows.safetensors'), writeSafetensors(numberTensors(moved, layout)));
    return {
      told: {
        encoder: spec.encoder,
        features: spec.numericFeatures.length,
        weights: file('weights.safetensors'),
        tokenizer: file('tokenizer.json'),
      },
      length: model.bundle.maxTokens,
      files: { texts: file('texts.json'), rows: file('rows.safetensors') },
      values: (await model.predictor.predict(examples)).map(({ expectedValue }) => expectedValue),
      precision: model.predictor.precision,
      tokens: examples.map(({ tokenIds }) => tokenIds.length).toSorted((a, b) => a - b)[examples.length >> 1]!,
    };
  } finally {
    await models.close();
  }
}
