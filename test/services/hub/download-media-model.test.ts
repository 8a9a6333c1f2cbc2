import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { downloadMediaModel } from '../../../src/services/hub/download-media-model.js';
import { openDescriber } from '../../../src/services/describing/media-model.js';
import { commit, HubServer } from './hub-server.js';

const fixtures = 'test/fixtures/describing';
const name = { id: 'acme/tiny', revision: 'main' };
const hooks = { retries: { attempts: 3, pauseMs: 1 } };
let folder: string;
let served: string;
let cache: string;
let server: HubServer;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'clvgraph-hub-'));
  [served, cache] = [path.join(folder, 'served'), path.join(folder, 'cache')];
  await cp(`${fixtures}/captioner`, served, { recursive: true });
  server = await HubServer.start(served);
});
afterEach(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

async function serve(change: () => Promise<void>): Promise<void> {
  await server.stop();
  await change();
  server = await HubServer.start(served);
}

const settings = () => ({ hubEndpoint: server.endpoint, hubToken: undefined, hubCache: cache });
const download = () => downloadMediaModel(name, 'picture', settings(), hooks);

describe('a captioner by name', () => {
  it('is downloaded with its weights, and describes a picture; the second time without the hub', async () => {
    const describePicture = async () => {
      const describer = await openDescriber('picture', { model: 'acme/tiny' }, settings(), hooks);
      const caption = await describer.describe(await readFile(`${fixtures}/red-circle.png`));
      await describer.close();
      return caption;
    };
    expect(await describePicture()).toBe('a red circle on white');
    await server.stop();
    expect(await describePicture()).toBe('a red circle on white');
    expect(server.hubSeen.map((seen) => seen.path)).toContain(`/acme/tiny/resolve/${commit}/onnx/encoder_model.onnx`);
    expect(await readdir(path.join(cache, `models--acme--tiny/snapshots/${commit}/onnx`))).toEqual(
      expect.arrayContaining(['decoder_model_merged.onnx', 'encoder_model.onnx']),
    );
  });

  it('that was cut off is gone on with', async () => {
    let cuts = 1;
    server.faults.cutAfter = () => (cuts-- > 0 ? 30_000 : undefined);
    await download();
    expect(server.storageSeen.map(({ range }) => range)).toContain('bytes=30000-');
  });

  it('that is damaged on the way is refused', async () => {
    server.faults.corrupt = (file, content) => (file.endsWith('.onnx') ? Buffer.alloc(content.length) : content);
    await expect(download()).rejects.toThrow(/encoder_model\.onnx from .* is damaged: its SHA-256 is/);
  });

  it('has 8-bit weights where there are no others', async () => {
    await serve(async () => {
      for (const part of ['encoder_model', 'decoder_model_merged']) {
        await cp(path.join(served, `onnx/${part}.onnx`), path.join(served, `onnx/${part}_quantized.onnx`));
        await rm(path.join(served, `onnx/${part}.onnx`));
      }
    });
    const found = await download();
    expect((await readdir(path.join(found, 'onnx'))).sort()).toEqual([
      'decoder_model_merged_quantized.onnx',
      'encoder_model_quantized.onnx',
    ]);
  });

  it('without ONNX weights says who has some', async () => {
    await serve(() => rm(path.join(served, 'onnx'), { recursive: true }));
    await expect(download()).rejects.toThrow(/acme\/tiny has no ONNX weights .*Xenova\/vit-gpt2-image-captioning/);
  });

  it('that cannot be reached says how to get along without', async () => {
    await server.stop();
    await expect(download()).rejects.toThrow(/acme\/tiny cannot be downloaded from .*give its path by --model/);
  });

  it('that is of another kind is refused before its weights are downloaded', async () => {
    await expect(downloadMediaModel(name, 'recording', settings(), hooks)).rejects.toThrow(
      /a recording takes one of type/,
    );
    expect(server.storageSeen).toEqual([]);
  });
});
