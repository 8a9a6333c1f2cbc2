import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { loadCheckpoint } from '../../../src/ml/model/checkpoint.js';
import { loadBase } from '../../../src/services/models/base-checkpoint.js';
import { downloadModel } from '../../../src/services/hub/download-model.js';
import { commit } from './hub-server.js';
import { fixtures, hooks, name, useHub } from './hub.js';

const hub = useHub();
const { download, serve, settings } = hub;
const blobs = () => readdir(path.join(hub.cache, 'models--acme--tiny', 'blobs'));
const original = (file: string) => readFile(`${fixtures}/gpt2/${file}`);
const weightRequests = () => hub.server.storageSeen.filter(({ path }) => path.includes('model.safetensors'));

describe('a model by name', () => {
  it('is downloaded, and loads as from its folder', async () => {
    const checkpoint = await loadBase('acme/tiny', settings(), hooks);
    const { spec, weights } = await loadCheckpoint(`${fixtures}/gpt2`);
    expect([checkpoint.spec, checkpoint.weights]).toEqual([spec, weights]);
  });

  it('lies in the cache as Python’s libraries lay it out', async () => {
    const folder = await download();
    expect(path.relative(hub.cache, folder)).toBe(`models--acme--tiny/snapshots/${commit}`);
    expect(await readFile(path.join(hub.cache, 'models--acme--tiny/refs/main'), 'utf8')).toBe(commit);
    expect((await readdir(folder)).sort()).toEqual(
      ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'].sort(),
    );
    expect(await blobs()).toHaveLength(4);
  });

  it('is not asked for again, and needs no network then', async () => {
    const folder = await download();
    await hub.server.stop();
    expect(await download()).toBe(folder);
    expect(await downloadModel({ ...name, revision: commit }, settings(), hooks)).toBe(folder);
  });

  it('is completed where files of it are missing', async () => {
    const folder = await download();
    await rm(path.join(folder, 'tokenizer.json'));
    const asked = hub.server.storageSeen.length;
    expect(await download()).toBe(folder);
    expect(await readFile(path.join(folder, 'tokenizer.json'))).toEqual(await original('tokenizer.json'));
    expect(hub.server.storageSeen).toHaveLength(asked);
  });

  it('takes all files from the commit that the revision stood for', async () => {
    await download();
    const paths = hub.server.hubSeen.map(({ path }) => path);
    expect(paths[0]).toBe('/acme/tiny/resolve/main/config.json');
    expect(paths).toContain(`/acme/tiny/resolve/${commit}/model.safetensors`);
  });

  it('that is damaged in the cache says what to delete', async () => {
    const folder = await download();
    await writeFile(path.join(folder, 'model.safetensors'), 'x');
    await expect(loadBase('acme/tiny', settings(), hooks)).rejects.toThrow(
      `To download acme/tiny again, delete ${path.join(hub.cache, 'models--acme--tiny')} first.`,
    );
  });

  it('comes in several parts', async () => {
    await serve(async () => undefined, 'bert-half');
    const folder = await download();
    const { weights } = await loadCheckpoint(`${fixtures}/bert-half`);
    expect((await loadCheckpoint(folder)).weights).toEqual(weights);
  });

  it('comes from a plain file server, which tags files of the same time and length alike', async () => {
    await serve(async (folder) => {
      const config = await readFile(path.join(folder, 'tokenizer_config.json'), 'utf8');
      const { length } = await readFile(path.join(folder, 'config.json'));
      await writeFile(path.join(folder, 'tokenizer_config.json'), config.padEnd(length));
    });
    hub.server.faults = { isPlain: true };
    expect(await readFile(path.join(await download(), 'tokenizer_config.json'), 'utf8')).toMatch(/tokenizer_class/);
  });

  it('of which a file is empty is refused as one that is damaged', async () => {
    await serve((folder) => writeFile(path.join(folder, 'tokenizer_config.json'), ''));
    await expect(loadBase('acme/tiny', settings(), hooks)).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' });
  });

  it('in very many parts is asked for a few of them at once', async () => {
    const weight_map = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`t${i}`, `part-${i}`]));
    await serve(async (folder) => {
      await rm(path.join(folder, 'model.safetensors'));
      await writeFile(path.join(folder, 'model.safetensors.index.json'), JSON.stringify({ weight_map }));
    });
    await expect(download()).rejects.toThrow(/acme\/tiny has no part-\d/);
    expect(hub.server.hubSeen.filter(({ path }) => path.includes('/part-')).length).toBeLessThanOrEqual(8);
  });

  it('says how far it is', async () => {
    const reports: [string, number][] = [];
    await download(undefined, { progress: { report: (phase, fraction) => void reports.push([phase, fraction]) } });
    expect(reports.at(-1)).toEqual(['downloading acme/tiny, model.safetensors: 0.0 of 0.0 MB', 1]);
    const fractions = reports.map(([, fraction]) => fraction);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
  });

  it('shows its token to the hub and to nobody else', async () => {
    await download('secret');
    expect(new Set(hub.server.hubSeen.map(({ authorization }) => authorization))).toEqual(new Set(['Bearer secret']));
    expect(weightRequests().map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  it('comes from a server that does not know HEAD', async () => {
    hub.server.faults = { refusesHead: true };
    expect(await readFile(path.join(await download(), 'model.safetensors'))).toEqual(
      await original('model.safetensors'),
    );
  });

  it('stays inside the cache, whatever the hub calls its commit', async () => {
    hub.server.faults = { commit: '../../../outside' };
    expect(path.relative(hub.cache, await download())).toBe('models--acme--tiny/snapshots/main');
  });

  it('may be downloaded by two at once', async () => {
    const folders = await Promise.all([download(), download()]);
    for (const folder of folders) await loadCheckpoint(folder);
    expect((await blobs()).filter((file) => file.endsWith('.incomplete'))).toEqual([]);
  });

  it('stays behind a folder of the same name', async () => {
    const checkpoint = await loadBase(`${fixtures}/bert`, settings(), hooks);
    expect(checkpoint.spec.modelType).toBe('bert');
    expect(hub.server.hubSeen).toEqual([]);
  });
});

describe('a connection that is cut', () => {
  it('is taken up again where it broke', async () => {
    hub.server.faults = { cutAfter: ({ range }) => (range === undefined ? 5_000 : undefined) };
    const folder = await download();
    expect(weightRequests().map(({ range }) => range)).toEqual([undefined, 'bytes=5000-']);
    expect(await readFile(path.join(folder, 'model.safetensors'))).toEqual(await original('model.safetensors'));
  });

  it('may break as often as it likes while it gets further', async () => {
    hub.server.faults = { cutAfter: () => 1_000 };
    await download();
    expect(weightRequests().length).toBeGreaterThan(10);
  });

  it('is taken up by the next process too', async () => {
    hub.server.faults = { cutAfter: ({ range }) => (range === undefined ? 4_000 : 0) };
    await expect(download()).rejects.toMatchObject({ code: 'HUB_UNAVAILABLE' });
    expect((await blobs()).filter((file) => file.endsWith('.incomplete'))).toHaveLength(1);
    hub.server.faults = {};
    const folder = await download();
    expect(weightRequests().at(-1)?.range).toBe('bytes=4000-');
    expect(await readFile(path.join(folder, 'model.safetensors'))).toEqual(await original('model.safetensors'));
    expect((await blobs()).filter((file) => file.endsWith('.incomplete'))).toEqual([]);
  });

  it('starts again where the server cannot resume', async () => {
    hub.server.faults = { ignoresRange: true, cutAfter: ({ range }) => (range === undefined ? 4_000 : undefined) };
    const folder = await download();
    expect(await readFile(path.join(folder, 'model.safetensors'))).toEqual(await original('model.safetensors'));
  });

  it('loses nothing on a disk that takes only a part of what it is given, as a nearly full one does', async () => {
    const handle = await open(`${fixtures}/gpt2/config.json`);
    const prototype = Object.getPrototypeOf(handle) as FileHandle;
    await handle.close();
    const { write } = prototype;
    const part = function (this: FileHandle, bytes: Uint8Array, offset: number, length: number, position: number) {
      return Reflect.apply(write, this, [bytes, offset, Math.min(length, 300), position]) as Promise<unknown>;
    };
    const spy = vi.spyOn(prototype, 'write').mockImplementation(part as FileHandle['write']);
    try {
      const folder = await download();
      for (const file of ['config.json', 'model.safetensors']) {
        expect(await readFile(path.join(folder, file))).toEqual(await original(file));
      }
    } finally {
      spy.mockRestore();
    }
  });

  it('leaves no model that looks whole', async () => {
    hub.server.faults = { cutAfter: () => 0 };
    await expect(download()).rejects.toThrow(/the connection was cut|terminated|ECONNRESET|UND_ERR_SOCKET/);
    await expect(download()).rejects.toThrow(/acme\/tiny cannot be downloaded/);
    expect(existsSync(path.join(hub.cache, 'models--acme--tiny/refs/main'))).toBe(false);
  });
});

describe('a damaged file', () => {
  const flipped = (content: Buffer) => {
    const copy = Buffer.from(content);
    copy[copy.length - 1]! ^= 1;
    return copy;
  };

  it('of weights is refused by its checksum, thrown away, and downloaded afresh the next time', async () => {
    hub.server.faults = { corrupt: (file, content) => (file === 'model.safetensors' ? flipped(content) : content) };
    const failure = download();
    await expect(failure).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' });
    await expect(failure).rejects.toThrow(/model\.safetensors from .* is damaged: its SHA-256 is [0-9a-f]{64} instead/);
    expect(await blobs()).toHaveLength(3);
    hub.server.faults = {};
    expect(await readFile(path.join(await download(), 'model.safetensors'))).toEqual(
      await original('model.safetensors'),
    );
  });

  it('of which a half was left by somebody else is refused too', async () => {
    const etag = createHash('sha256')
      .update(await original('model.safetensors'))
      .digest('hex');
    await mkdir(path.join(hub.cache, 'models--acme--tiny/blobs'), { recursive: true });
    await writeFile(path.join(hub.cache, `models--acme--tiny/blobs/${etag}.incomplete`), Buffer.alloc(3_000, 7));
    await expect(download()).rejects.toThrow(/is damaged/);
    await download();
  });

  it('of another length than announced is refused', async () => {
    hub.server.faults = {
      corrupt: (file, content) => (file === 'tokenizer.json' ? Buffer.concat([content, content]) : content),
    };
    await expect(download()).rejects.toThrow(/tokenizer\.json .* is damaged: it has more than \d+ bytes/);
    expect((await blobs()).filter((file) => file.endsWith('.incomplete'))).toEqual([]);
  });

  it('that never ends, of a size that is not announced, is refused and thrown away', async () => {
    hub.server.faults = { endless: true };
    await expect(download()).rejects.toThrow(/config\.json .* is damaged: it has more than 67108864 bytes/);
    expect(await blobs()).toEqual([]);
  });

  it('that comes compressed is refused: it may be of any size', async () => {
    hub.server.faults = { encoding: 'gzip', corrupt: (_file, content) => gzipSync(content) };
    await expect(download()).rejects.toThrow(/config\.json .* is damaged: it comes in the encoding "gzip"/);
  });
});
