import { cp, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Describer, loadDescriber } from '../../../src/ml/media/describer.js';
import type { Medium } from '../../../src/ml/media/media-layout.js';
import { readWav } from '../../../src/ml/media/wav.js';
import { wavOf } from '../../support/wav.js';

const fixtures = 'test/fixtures/describing';
const folders: Readonly<Record<Medium, string>> = {
  picture: `${fixtures}/captioner`,
  recording: `${fixtures}/recogniser`,
};
const file = (name: string) => readFile(path.join(fixtures, name));

interface Expected {
  readonly captions: Readonly<Record<string, string>>;
  readonly transcripts: Readonly<Record<string, string>>;
}
const expected = JSON.parse(await readFile(`${fixtures}/expected.json`, 'utf8')) as Expected;

function describer(medium: Medium): () => Describer {
  let loaded: Describer;
  beforeAll(async () => void (loaded = await loadDescriber(medium, folders[medium])));
  afterAll(() => loaded.close());
  return () => loaded;
}

describe('pictures', () => {
  const captioner = describer('picture');

  it.each(Object.entries(expected.captions))('%s is what transformers in Python says: %s', async (name, caption) => {
    expect(await captioner().describe(await file(name))).toBe(caption);
  });

  it('are cut-outs on white, whatever they hide', async () => {
    expect(await captioner().describe(await file('cut-out.png'))).toBe('a black circle on white');
  });

  it.each([
    ['a text', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'is not a picture in PNG, JPEG or WebP'],
    ['half a file', async () => (await file('red-circle.png')).subarray(0, 60), /is a damaged PNG file: /],
  ])('that are %s say what is wrong', async (_, given, message) => {
    const content = typeof given === 'function' ? await given() : given;
    await expect(captioner().describe(content)).rejects.toThrow(message);
  });
});

describe('recordings', () => {
  const recogniser = describer('recording');

  it.each(Object.entries(expected.transcripts))('%s are what transformers in Python hears: %s', async (name, said) => {
    expect(await recogniser().describe(await file(name))).toBe(said);
  });

  it('that are longer than the model hears at once are heard to the end', async () => {
    const { samples, rate } = readWav(await file('16000.wav'));
    const pause = new Float32Array(rate / 2);
    const long = Float32Array.from([...samples, ...pause, ...samples, ...pause, ...samples]);
    const said = await recogniser().describe(wavOf(long, { rate }));
    // What is cut at the end of a piece it hears wrongly: it has learnt whole tones.
    expect(said).toMatch(/^low high middle /);
    expect(said.split(' ').length).toBeGreaterThan(6);
  });

  it('of silence say nothing', async () => {
    expect(await recogniser().describe(wavOf(new Float32Array(16_000), { rate: 16_000 }))).toBe('');
  });
});

describe('a folder', () => {
  let folder: string;
  beforeEach(async () => void (folder = await mkdtemp(path.join(tmpdir(), 'clvgraph-media-'))));
  afterEach(() => rm(folder, { recursive: true }));

  it('with its weights beside the rest, as optimum writes them, is taken', async () => {
    await cp(folders.picture, folder, { recursive: true });
    for (const name of ['encoder_model.onnx', 'decoder_model_merged.onnx']) {
      await rename(path.join(folder, 'onnx', name), path.join(folder, name));
    }
    const loaded = await loadDescriber('picture', folder);
    expect(await loaded.describe(await file('red-circle.png'))).toBe('a red circle on white');
    await loaded.close();
  });

  it('without ONNX weights says how to write them and who has some', async () => {
    await cp(folders.picture, folder, { recursive: true });
    await rm(path.join(folder, 'onnx'), { recursive: true });
    await expect(loadDescriber('picture', folder)).rejects.toThrow(
      /has no ONNX weights \(onnx\/encoder_model\.onnx, .*such as Xenova\/vit-gpt2-image-captioning, .*optimum-cli export onnx/,
    );
  });

  it('with a model of another kind, or without a file, is refused', async () => {
    await expect(loadDescriber('recording', folders.picture)).rejects.toThrow(
      /is a model of type vision-encoder-decoder; a recording takes one of type whisper/,
    );
    await expect(loadDescriber('recording', folder)).rejects.toThrow(/has no config\.json/);
  });

  it('with damaged weights is refused', async () => {
    await cp(folders.picture, folder, { recursive: true });
    await writeFile(path.join(folder, 'onnx/encoder_model.onnx'), 'x');
    await expect(loadDescriber('picture', folder)).rejects.toThrow(/cannot be loaded/);
  });

  it('of a model for English takes no other language, and one of many those that it knows', async () => {
    await expect(loadDescriber('recording', folders.recording, 'de')).rejects.toThrow(
      /understands English only, not de/,
    );
    await cp(folders.recording, folder, { recursive: true });
    const settings = { is_multilingual: true, lang_to_id: { '<|en|>': 1, '<|de|>': 2 } };
    await writeFile(path.join(folder, 'generation_config.json'), JSON.stringify(settings));
    await expect(loadDescriber('recording', folder, 'fr')).rejects.toThrow(
      /does not know the language fr; it knows en, de/,
    );
  });
});
