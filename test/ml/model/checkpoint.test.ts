import { cp, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HostTensor } from '../../../src/ml/engine/engine.js';
import { loadCheckpoint, weightParts } from '../../../src/ml/model/checkpoint.js';
import { saveCheckpoint } from '../../../src/ml/model/save-checkpoint.js';
import { parseSafetensors, writeSafetensors } from '../../../src/ml/model/safetensors.js';
import { deserialiseModel, serialiseModel } from '../../../src/ml/model/serialise.js';
import { parseEncoderSpec } from '../../../src/ml/model/hf-config.js';
import { encoderShapes, initialiseEncoder, type HostWeights } from '../../../src/ml/model/weights.js';
import { loadTokenizer } from '../../../src/ml/text/load-tokenizer.js';
import type { TokenizerFiles } from '../../../src/ml/text/tokenizer.js';
import { bertTokenizerFiles } from '../../../scripts/pretrain/tokenizer-files.js';
import { specialTokens } from '../../../scripts/pretrain/wordpiece-trainer.js';
import { float32, freshWeights, tinyEncoder, tinyModel } from './support.js';

const tokenizer: TokenizerFiles = bertTokenizerFiles(
  [...specialTokens, ...'abcdefghijklmnopqrstuvwxyz', '##a', 'mug', 'cup', 'red'],
  16,
);
const weights = initialiseEncoder(tinyEncoder, 5);
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'clvgraph-checkpoint-'));
  await saveCheckpoint(folder, { spec: tinyEncoder, weights, tokenizer });
});
afterEach(() => rm(folder, { recursive: true }));

async function change(file: string, edit: (text: string) => string): Promise<void> {
  await writeFile(path.join(folder, file), edit(await readFile(path.join(folder, file), 'utf8')));
}

async function changeWeights(edit: (tensors: HostWeights) => HostWeights): Promise<void> {
  const file = path.join(folder, 'model.safetensors');
  const saved = parseSafetensors(await readFile(file), file);
  const tensors = Object.fromEntries(saved.names.map((name) => [name, saved.tensor(name)]));
  await writeFile(file, writeSafetensors(edit(tensors)));
}

function renamed(tensors: HostWeights, rename: (name: string) => string): HostWeights {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [rename(name), tensor]));
}

function without(tensors: HostWeights, name: string): HostWeights {
  return Object.fromEntries(Object.entries(tensors).filter(([other]) => other !== name));
}

describe('a checkpoint', () => {
  it('comes back as it was saved', async () => {
    const loaded = await loadCheckpoint(folder);
    expect(loaded.spec).toEqual(tinyEncoder);
    expect(loaded.weights).toEqual(weights);
    expect(loaded.tokenizer.encodeSpans([{ group: 'categories', text: 'Red mug' }], 16).tokens).toEqual([
      '[CLS]',
      'red',
      'mug',
      '[SEP]',
    ]);
  });

  it('loads without a prefix, with a task’s head, and with the names of old conversions', async () => {
    await changeWeights((tensors) => ({
      ...renamed(tensors, (name) =>
        name
          .replace('bert.', '')
          .replace('LayerNorm.weight', 'LayerNorm.gamma')
          .replace('LayerNorm.bias', 'LayerNorm.beta'),
      ),
      'pooler.dense.weight': float32([8, 8], () => 1),
    }));
    expect((await loadCheckpoint(folder)).weights).toEqual(weights);
  });

  it('loads from several parts', async () => {
    const file = path.join(folder, 'model.safetensors');
    const saved = parseSafetensors(await readFile(file), file);
    const parts: HostWeights[] = [{}, {}];
    saved.names.forEach((name, i) => Object.assign(parts[i % 2] as HostWeights, { [name]: saved.tensor(name) }));
    const names = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
    for (const [i, name] of names.entries()) {
      await writeFile(path.join(folder, name), writeSafetensors(parts[i] as HostWeights));
    }
    const map = Object.fromEntries(saved.names.map((name, i) => [name, names[i % 2]]));
    await writeFile(path.join(folder, 'model.safetensors.index.json'), JSON.stringify({ weight_map: map }));
    await rm(file);
    expect((await loadCheckpoint(folder)).weights).toEqual(weights);
    await rm(path.join(folder, names[1] as string));
    await expect(loadCheckpoint(folder)).rejects.toThrow(/model-00002-of-00002.safetensors is missing/);
  });

  it.each(['..', '.', '', '.hidden', 'a/b', '../b', 'w\0x', 'a b', 'L'.repeat(3_000)])(
    'reads no part of the odd name %j',
    (name) => {
      const index = JSON.stringify({ weight_map: { a: 'model-1.safetensors', b: name } });
      expect(() => weightParts(index, 'index.json')).toThrow(
        /^index\.json: ".{0,70}" is not the name of a weights file\.$/,
      );
    },
  );

  it('reads no more parts than any model has', () => {
    const index = (count: number) =>
      JSON.stringify({ weight_map: Object.fromEntries(Array.from({ length: count }, (_, i) => [`t${i}`, `p${i}`])) });
    expect(weightParts(index(1_000), 'x')).toHaveLength(1_000);
    expect(() => weightParts(index(1_001), 'x')).toThrow(
      expect.objectContaining({ code: 'CHECKPOINT_INVALID', message: 'x names 1001 files; at most 1000 are read.' }),
    );
  });

  it('loads DistilBERT by its own names', async () => {
    await change('config.json', () =>
      JSON.stringify({
        model_type: 'distilbert',
        vocab_size: 40,
        dim: 8,
        n_layers: 2,
        n_heads: 2,
        hidden_dim: 12,
        max_position_embeddings: 16,
        activation: 'gelu',
      }),
    );
    const layer = (i: number): [string, string][] => [
      [`encoder.layer.${i}.attention.self.query`, `transformer.layer.${i}.attention.q_lin`],
      [`encoder.layer.${i}.attention.self.key`, `transformer.layer.${i}.attention.k_lin`],
      [`encoder.layer.${i}.attention.self.value`, `transformer.layer.${i}.attention.v_lin`],
      [`encoder.layer.${i}.attention.output.dense`, `transformer.layer.${i}.attention.out_lin`],
      [`encoder.layer.${i}.attention.output.LayerNorm`, `transformer.layer.${i}.sa_layer_norm`],
      [`encoder.layer.${i}.intermediate.dense`, `transformer.layer.${i}.ffn.lin1`],
      [`encoder.layer.${i}.output.dense`, `transformer.layer.${i}.ffn.lin2`],
      [`encoder.layer.${i}.output.LayerNorm`, `transformer.layer.${i}.output_layer_norm`],
    ];
    const names = [...layer(0), ...layer(1)];
    await changeWeights((tensors) =>
      renamed(tensors, (name) => {
        const ours = name.replace('bert.', '');
        const [from, to] = names.find(([prefix]) => ours.startsWith(`${prefix}.`)) ?? ['', ''];
        return `distilbert.${to}${ours.slice(from.length)}`;
      }),
    );
    const loaded = await loadCheckpoint(folder);
    expect(loaded.spec).toMatchObject({ modelType: 'distilbert', typeVocabSize: 0, intermediateSize: 12 });
    expect(loaded.weights).toEqual(without(weights, 'embeddings.token_type_embeddings.weight'));
  });
});

describe('a broken checkpoint says what is wrong with it:', () => {
  const failure = async (): Promise<string> => {
    const error = await loadCheckpoint(folder).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: 'CHECKPOINT_INVALID' });
    return (error as Error).message;
  };

  it('no folder', async () => {
    await expect(loadCheckpoint('/no/such/folder')).rejects.toThrow('/no/such/folder/config.json is missing.');
  });

  it.each(['config.json', 'tokenizer.json', 'tokenizer_config.json', 'model.safetensors'])('no %s', async (file) => {
    await rm(path.join(folder, file));
    expect(await failure()).toContain(file);
  });

  it('another architecture', async () => {
    await change('config.json', (text) => text.replace('"bert"', '"llama"'));
    expect(await failure()).toMatch(/config.json does not describe a model that can be loaded/);
  });

  it.each([
    ['"is_decoder": true', /is_decoder/],
    ['"max_position_embeddings": 12', /positions for 12 tokens/],
  ])('a config with %s', async (field, message) => {
    const [name] = field.split(':');
    await change('config.json', (text) =>
      text.replace(new RegExp(`${name}: [^,}]+,?`), '').replace('{', `{ ${field},`),
    );
    expect(await failure()).toMatch(message);
  });

  it('a config without a size', async () => {
    await change('config.json', (text) => text.replace(/"hidden_size": 8,/, ''));
    expect(await failure()).toMatch(/hidden_size/);
  });

  it('heads that do not divide the hidden size', async () => {
    await change('config.json', (text) => text.replace('"num_attention_heads": 2', '"num_attention_heads": 3'));
    expect(await failure()).toMatch(/hidden size of 8 does not divide among 3/);
  });

  it('more layers than any model has', async () => {
    await change('config.json', (text) => text.replace(/"num_hidden_layers": \d+/, '"num_hidden_layers": 1000000000'));
    await expect(loadCheckpoint(folder)).rejects.toThrow(/num_hidden_layers/);
  });

  it.each(['swish', 'constructor', 'toString', '__proto__'])('an activation that is not known: %s', async (name) => {
    await change('config.json', (text) => text.replace('"gelu"', JSON.stringify(name)));
    expect(await failure()).toContain(`activation "${name}" is not one of gelu, gelu_new, gelu_pytorch_tanh, relu.`);
  });

  it('a config that is not JSON', async () => {
    await change('config.json', (text) => text.slice(0, 50));
    expect(await failure()).toMatch(/config.json is not JSON/);
  });

  it('a truncated file of weights', async () => {
    const file = path.join(folder, 'model.safetensors');
    await writeFile(file, (await readFile(file)).subarray(0, -100));
    expect(await failure()).toMatch(/model.safetensors: tensor bert\..* the file is truncated/);
  });

  it('the pointer that a clone without Git LFS has in the place of the weights', async () => {
    const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 90868376\n';
    await writeFile(path.join(folder, 'model.safetensors'), pointer);
    expect(await failure()).toMatch(/model.safetensors is only Git LFS's pointer to the weights. Fetch them: git lfs/);
  });

  it('a file of weights that is too large to be read at once', async () => {
    await truncate(path.join(folder, 'model.safetensors'), 2 ** 31);
    expect(await failure()).toContain('max_shard_size');
  });

  it('a missing tensor', async () => {
    await changeWeights((tensors) => without(tensors, 'bert.encoder.layer.1.output.dense.bias'));
    expect(await failure()).toContain('lack the tensor encoder.layer.1.output.dense.bias of shape [8]');
  });

  it('a tensor of another shape', async () => {
    await change('config.json', (text) => text.replace('"intermediate_size": 12', '"intermediate_size": 16'));
    expect(await failure()).toContain(
      'layer.0.intermediate.dense.weight has the shape [12, 8]; config.json makes it [16, 8]',
    );
  });

  it('the tokenizer of another model', async () => {
    await change('config.json', (text) => text.replace('"vocab_size": 40', '"vocab_size": 30'));
    await changeWeights((tensors) => ({
      ...tensors,
      'bert.embeddings.word_embeddings.weight': float32([30, 8], () => 0),
    }));
    expect(await failure()).toMatch(/tokenizer.json has 35 tokens and the model's word table only 30 rows/);
  });

  it('a tokenizer that is not one', async () => {
    await change('tokenizer.json', () => '{"model": {}}');
    expect(await failure()).toMatch(`${folder}: the tokenizer cannot be read`);
  });

  it.each([-5, 1.5, 1e12])('a token with the id %d', async (id) => {
    await change('tokenizer.json', (text) => text.replace(/"cup":\s*\d+/, `"cup":${id}`));
    expect(await failure()).toContain(`the token "cup" has the id ${id}.`);
  });

  it('a vocabulary without the token that begins a text', async () => {
    await change('tokenizer.json', (text) => {
      const definition = JSON.parse(text) as { model: { vocab: object }; added_tokens: { content: string }[] };
      const vocab = Object.fromEntries(Object.entries(definition.model.vocab).filter(([token]) => token !== '[CLS]'));
      const added_tokens = definition.added_tokens.filter(({ content }) => content !== '[CLS]');
      return JSON.stringify({ ...definition, model: { ...definition.model, vocab }, added_tokens });
    });
    expect(await failure()).toMatch(/around a text is not in its vocabulary/);
  });
});

describe('RoBERTa', () => {
  it('counts positions from behind its padding', () => {
    const spec = parseEncoderSpec({
      model_type: 'roberta',
      vocab_size: 50265,
      hidden_size: 768,
      num_hidden_layers: 6,
      num_attention_heads: 12,
      intermediate_size: 3072,
      max_position_embeddings: 514,
      type_vocab_size: 1,
      layer_norm_eps: 1e-5,
      pad_token_id: 1,
    });
    expect(spec).toMatchObject({ positionOffset: 2, typeVocabSize: 1, layerNormEps: 1e-5 });
  });
});

describe('GPT-2', () => {
  it('loads from a file that has its word table as the output layer only', async () => {
    const original = 'test/fixtures/hugging-face/gpt2';
    await cp(original, folder, { recursive: true, force: true });
    await changeWeights((tensors) =>
      renamed(tensors, (name) => name.replace(/^(transformer\.)?wte\.weight$/, 'lm_head.weight')),
    );
    expect((await loadCheckpoint(folder)).weights).toEqual((await loadCheckpoint(original)).weights);
  });

  it('may name several tokens that end a text, the first of which pads', () => {
    const config = { model_type: 'gpt2', vocab_size: 100, n_embd: 8, n_layer: 1, n_head: 2, n_positions: 16 };
    expect(parseEncoderSpec({ ...config, eos_token_id: [50, 51] })).toMatchObject({ padTokenId: 50 });
    expect(parseEncoderSpec({ ...config, eos_token_id: 52 })).toMatchObject({ padTokenId: 52 });
    expect(() => parseEncoderSpec({ ...config, eos_token_id: ['x'] })).toThrow(/eos_token_id/);
  });
});

describe('a fine-tuned model', () => {
  it('comes back from one buffer, tokenizer and all', () => {
    const model = { spec: tinyModel, weights: freshWeights(), tokenizer };
    expect(deserialiseModel(serialiseModel(model))).toEqual(model);
  });

  it('is refused when truncated, foreign or not as described', () => {
    const bytes = serialiseModel({ spec: tinyModel, weights: freshWeights(), tokenizer });
    expect(() => deserialiseModel(bytes.subarray(0, -4))).toThrow(/truncated/);
    expect(() => deserialiseModel(writeSafetensors(weights))).toThrow(/was not written by clvgraph/);
    const wrong = { ...freshWeights(), 'head.delta.bias': float32([2], () => 0) as HostTensor };
    expect(() => deserialiseModel(serialiseModel({ spec: tinyModel, weights: wrong, tokenizer }))).toThrow(
      /head.delta.bias has the shape \[2\] in place of \[3\]/,
    );
  });
});

describe('the built-in checkpoint', () => {
  it('loads, and is as small as it should be', async () => {
    const base = await loadCheckpoint('models/base');
    expect(base.spec).toMatchObject({
      modelType: 'bert',
      vocabSize: 8192,
      hiddenSize: 128,
      layers: 2,
      maxPositions: 256,
    });
    expect(Object.keys(base.weights)).toEqual(Object.keys(encoderShapes(base.spec)));
    expect((await readFile('models/base/model.safetensors')).length).toBeLessThan(20e6);
    expect((await loadTokenizer('models/base')).special).toEqual({ pad: 0, unk: 1, cls: 2, sep: 3, mask: 4 });
  });
});
