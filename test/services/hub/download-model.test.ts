import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadCheckpoint } from '../../../src/ml/model/checkpoint.js';
import { cancelled } from '../../../src/progress.js';
import { loadBase } from '../../../src/services/models/base-checkpoint.js';
import { type DownloadHooks, downloadModel } from '../../../src/services/hub/download-model.js';
import { commit, HubServer } from './hub-server.js';

const fixtures = 'test/fixtures/hugging-face';
const name = { id: 'acme/tiny', revision: 'main' };
const hooks: DownloadHooks = { retries: { attempts: 3, pauseMs: 1 } };
let cache: string;
let server: HubServer;

beforeEach(async () => {
  cache = await mkdtemp(path.join(tmpdir(), 'clvgraph-hub-'));
  server = await HubServer.start(`${fixtures}/gpt2`);
});
afterEach(async () => {
  await server.stop();
  await rm(cache, { recursive: true });
});

const settings = (token?: string) => ({ endpoint: server.endpoint, token, cache });
const download = (token?: string, more: DownloadHooks = {}) =>
  downloadModel(name, settings(token), { ...hooks, ...more });
const blobs = () => readdir(path.join(cache, 'models--acme--tiny', 'blobs'));
const original = (file: string) => readFile(`${fixtures}/gpt2/${file}`);
const weightRequests = () => server.storageSeen.filter(({ path }) => path.includes('model.safetensors'));

async function serve(change: (folder: string) => Promise<void>, from = 'gpt2'): Promise<void> {
  await server.stop();
  const folder = path.join(cache, 'served');
  await cp(`${fixtures}/${from}`, folder, { recursive: true });
  await change(folder);
  server = await HubServer.start(folder);
}

describe('a model by name', () => {
  it('is downloaded, and loads as from its folder', async () => {
    const { endpoint: hubEndpoint } = server;
    const checkpoint = await loadBase('acme/tiny', { hubEndpoint, hubToken: undefined, hubCache: cache }, hooks);
    const { spec, weights } = await loadCheckpoint(`${fixtures}/gpt2`);
    expect([checkpoint.spec, checkpoint.weights]).toEqual([spec, weights]);
  });

  it('lies in the cache as Python’s libraries lay it out', async () => {
    const folder = await download();
    expect(path.relative(cache, folder)).toBe(`models--acme--tiny/snapshots/${commit}`);
    expect(await readFile(path.join(cache, 'models--acme--tiny/refs/main'), 'utf8')).toBe(commit);
    expect((await readdir(folder)).sort()).toEqual(
      ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'].sort(),
    );
    expect(await blobs()).toHaveLength(4);
  });

  it('is not asked for again, and needs no network then', async () => {
    const folder = await download();
    await server.stop();
    expect(await download()).toBe(folder);
    expect(await downloadModel({ ...name, revision: commit }, settings(), hooks)).toBe(folder);
  });

  it('is completed where files of it are missing', async () => {
    const folder = await download();
    await rm(path.join(folder, 'tokenizer.json'));
    const asked = server.storageSeen.length;
    expect(await download()).toBe(folder);
    expect(await readFile(path.join(folder, 'tokenizer.json'))).toEqual(await original('tokenizer.json'));
    expect(server.storageSeen).toHaveLength(asked);
  });

  it('takes all files from the commit that the revision stood for', async () => {
    await download();
    const paths = server.hubSeen.map(({ path }) => path);
    expect(paths[0]).toBe('/acme/tiny/resolve/main/config.json');
    expect(paths).toContain(`/acme/tiny/resolve/${commit}/model.safetensors`);
  });

  it('that is damaged in the cache says what to delete', async () => {
    const folder = await download();
    await writeFile(path.join(folder, 'model.safetensors'), 'x');
    const { endpoint: hubEndpoint } = server;
    await expect(loadBase('acme/tiny', { hubEndpoint, hubToken: undefined, hubCache: cache }, hooks)).rejects.toThrow(
      `To download acme/tiny again, delete ${path.join(cache, 'models--acme--tiny')} first.`,
    );
  });

  it('comes in several parts', async () => {
    await serve(async () => undefined, 'bert-half');
    const folder = await download();
    const { weights } = await loadCheckpoint(`${fixtures}/bert-half`);
    expect((await loadCheckpoint(folder)).weights).toEqual(weights);
  });

  it('in very many parts is asked for a few of them at once', async () => {
    const weight_map = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`t${i}`, `part-${i}`]));
    await serve(async (folder) => {
      await rm(path.join(folder, 'model.safetensors'));
      await writeFile(path.join(folder, 'model.safetensors.index.json'), JSON.stringify({ weight_map }));
    });
    await expect(download()).rejects.toThrow(/acme\/tiny has no part-\d/);
    expect(server.hubSeen.filter(({ path }) => path.includes('/part-')).length).toBeLessThanOrEqual(8);
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
    expect(new Set(server.hubSeen.map(({ authorization }) => authorization))).toEqual(new Set(['Bearer secret']));
    expect(weightRequests().map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  it('comes from a server that does not know HEAD', async () => {
    server.faults = { refusesHead: true };
    expect(await readFile(path.join(await download(), 'model.safetensors'))).toEqual(
      await original('model.safetensors'),
    );
  });

  it('stays inside the cache, whatever the hub calls its commit', async () => {
    server.faults = { commit: '../../../outside' };
    expect(path.relative(cache, await download())).toBe('models--acme--tiny/snapshots/main');
  });

  it('may be downloaded by two at once', async () => {
    const folders = await Promise.all([download(), download()]);
    for (const folder of folders) await loadCheckpoint(folder);
    expect((await blobs()).filter((file) => file.endsWith('.incomplete'))).toEqual([]);
  });

  it('stays behind a folder of the same name', async () => {
    const checkpoint = await loadBase(
      `${fixtures}/bert`,
      { hubEndpoint: server.endpoint, hubToken: undefined, hubCache: cache },
      hooks,
    );
    expect(checkpoint.spec.modelType).toBe('bert');
    expect(server.hubSeen).toEqual([]);
  });
});

describe('a connection that is cut', () => {
  it('is taken up again where it broke', async () => {
    server.faults = { cutAfter: ({ range }) => (range === undefined ? 5_000 : undefined) };
    const folder = await download();
    expect(weightRequests().map(({ range }) => range)).toEqual([undefined, 'bytes=5000-']);
    expect(await readFile(path.join(folder, 'model.safetensors'))).toEqual(await original('model.safetensors'));
  });

  it('may break as often as it likes while it gets further', async () => {
    server.faults = { cutAfter: () => 1_000 };
    await download();
    expect(weightRequests().length).toBeGreaterThan(10);
  });

  it('is taken up by the next process too', async () => {
    server.faults = { cutAfter: ({ range }) => (range === undefined ? 4_000 : 0) };
    await expect(download()).rejects.toMatchObject({ code: 'HUB_UNAVAILABLE' });
    expect((await blobs()).filter((file) => file.endsWith('.incomplete'))).toHaveLength(1);
    server.faults = {};
    const folder = await download();
    expect(weightRequests().at(-1)?.range).toBe('bytes=4000-');
    expect(await readFile(path.join(folder, 'model.safetensors'))).toEqual(await original('model.safetensors'));
    expect((await blobs()).filter((file) => file.endsWith('.incomplete'))).toEqual([]);
  });

  it('starts again where the server cannot resume', async () => {
    server.faults = { ignoresRange: true, cutAfter: ({ range }) => (range === undefined ? 4_000 : undefined) };
    const folder = await download();
    expect(await readFile(path.join(folder, 'model.safetensors'))).toEqual(await original('model.safetensors'));
  });

  it('leaves no model that looks whole', async () => {
    server.faults = { cutAfter: () => 0 };
    await expect(download()).rejects.toThrow(/the connection was cut|terminated|ECONNRESET|UND_ERR_SOCKET/);
    await expect(download()).rejects.toThrow(/acme\/tiny cannot be downloaded/);
    expect(existsSync(path.join(cache, 'models--acme--tiny/refs/main'))).toBe(false);
  });
});

describe('a damaged file', () => {
  const flipped = (content: Buffer) => {
    const copy = Buffer.from(content);
    copy[copy.length - 1]! ^= 1;
    return copy;
  };

  it('of weights is refused by its checksum, thrown away, and downloaded afresh the next time', async () => {
    server.faults = { corrupt: (file, content) => (file === 'model.safetensors' ? flipped(content) : content) };
    const failure = download();
    await expect(failure).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' });
    await expect(failure).rejects.toThrow(/model\.safetensors from .* is damaged: its SHA-256 is [0-9a-f]{64} instead/);
    expect(await blobs()).toHaveLength(3);
    server.faults = {};
    expect(await readFile(path.join(await download(), 'model.safetensors'))).toEqual(
      await original('model.safetensors'),
    );
  });

  it('of which a half was left by somebody else is refused too', async () => {
    const etag = createHash('sha256')
      .update(await original('model.safetensors'))
      .digest('hex');
    await mkdir(path.join(cache, 'models--acme--tiny/blobs'), { recursive: true });
    await writeFile(path.join(cache, `models--acme--tiny/blobs/${etag}.incomplete`), Buffer.alloc(3_000, 7));
    await expect(download()).rejects.toThrow(/is damaged/);
    await download();
  });

  it('of another length than announced is refused', async () => {
    server.faults = {
      corrupt: (file, content) => (file === 'tokenizer.json' ? Buffer.concat([content, content]) : content),
    };
    await expect(download()).rejects.toThrow(/tokenizer\.json .* is damaged: it has more than \d+ bytes/);
    expect((await blobs()).filter((file) => file.endsWith('.incomplete'))).toEqual([]);
  });

  it('that never ends, of a size that is not announced, is refused and thrown away', async () => {
    server.faults = { endless: true };
    await expect(download()).rejects.toThrow(/config\.json .* is damaged: it has more than 67108864 bytes/);
    expect(await blobs()).toEqual([]);
  });

  it('that comes compressed is refused: it may be of any size', async () => {
    server.faults = { encoding: 'gzip', corrupt: (_file, content) => gzipSync(content) };
    await expect(download()).rejects.toThrow(/config\.json .* is damaged: it comes in the encoding "gzip"/);
  });
});

describe('what cannot be had', () => {
  const failure = async (id: string, revision = 'main', token?: string): Promise<{ code?: string; message: string }> =>
    downloadModel({ id, revision }, settings(token), hooks).then(
      () => ({ message: 'it was had' }),
      (error: Error & { code?: string }) => ({ code: error.code as string, message: error.message }),
    );

  it('is an unknown model', async () => {
    const { code, message } = await failure('acme/tyni');
    expect(code).toBe('NOT_FOUND');
    expect(message).toMatch(/no folder acme\/tyni here, and no model of that name at http.*set HF_TOKEN/);
    expect(existsSync(path.join(cache, 'models--acme--tyni'))).toBe(false);
  });

  it('is an unknown revision', async () => {
    expect(await failure('acme/tiny', 'v9')).toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringMatching(/acme\/tiny has no revision v9/) as string,
    });
  });

  it('is a model that the token may not read', async () => {
    server.faults = { status: () => ({ status: 403, headers: { 'x-error-code': 'GatedRepo' } }) };
    expect(await failure('acme/tiny')).toMatchObject({
      code: 'FORBIDDEN',
      message: expect.stringMatching(/Set HF_TOKEN/) as string,
    });
    expect(await failure('acme/tiny', 'main', 'secret')).toMatchObject({
      code: 'FORBIDDEN',
      message: expect.not.stringMatching(/secret/) as string,
    });
  });

  it('is a model that is gone, which no token helps', async () => {
    server.faults = { status: () => ({ status: 410 }) };
    expect(await failure('acme/tiny')).toMatchObject({
      code: 'HUB_UNAVAILABLE',
      message: expect.stringMatching(/status 410 .* Check HF_ENDPOINT/) as string,
    });
  });

  it('is a model in pickled weights', async () => {
    await serve(async (folder) => {
      await rm(path.join(folder, 'model.safetensors'));
      await writeFile(path.join(folder, 'pytorch_model.bin'), 'PK');
    });
    expect(await failure('acme/tiny')).toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringMatching(/pytorch_model\.bin only.*save_pretrained/) as string,
    });
    expect(server.hubSeen.filter(({ method, path }) => method === 'GET' && path.endsWith('.bin'))).toEqual([]);
  });

  it('is a model without tokenizer.json', async () => {
    await serve((folder) => rm(path.join(folder, 'tokenizer.json')));
    expect((await failure('acme/tiny')).message).toMatch(/has no tokenizer\.json.*AutoTokenizer/);
  });

  it('is a model of another kind, whose weights are not even asked for', async () => {
    await serve((folder) => writeFile(path.join(folder, 'config.json'), '{"model_type": "llama"}'));
    expect((await failure('acme/tiny')).message).toMatch(/does not describe a model that can be loaded/);
    expect(server.hubSeen.filter(({ path }) => path.includes('safetensors'))).toEqual([]);
  });

  it('is anything, where the cache cannot be written', async () => {
    const file = path.join(cache, 'file');
    await writeFile(file, '');
    const failure = downloadModel(name, { ...settings(), cache: file }, hooks);
    await expect(failure).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await expect(failure).rejects.toThrow(/The cache .*file cannot be written \((ENOTDIR|EEXIST)\)/);
  });

  it('is anything, where the hub redirects to no address', async () => {
    server.faults = { status: () => ({ status: 302, headers: { location: 'http://' } }) };
    await expect(download()).rejects.toMatchObject({ code: 'HUB_UNAVAILABLE' });
  });

  it('is anything, while there is no network', async () => {
    await server.stop();
    const { code, message } = await failure('acme/tiny');
    expect(code).toBe('HUB_UNAVAILABLE');
    expect(message).toMatch(/ECONNREFUSED.*copy the model's config\.json.*give its path as the base/);
  });

  it('is anything more once it was cancelled', async () => {
    const controller = new AbortController();
    const progress = { report: () => controller.abort(cancelled()) };
    await expect(download(undefined, { progress, signal: controller.signal })).rejects.toMatchObject({
      code: 'RUN_CANCELLED',
    });
  });
});

describe('a server in trouble', () => {
  it('is asked again', async () => {
    let troubles = 2;
    server.faults = {
      status: () => (troubles-- > 0 ? { status: troubles ? 503 : 429, headers: { 'retry-after': '0' } } : undefined),
    };
    await download();
    expect(troubles).toBeLessThan(0);
  });

  it('is waited for until the instant that it names', async () => {
    let troubles = 1;
    const started = Date.now();
    const later = () => ({ status: 503, headers: { 'retry-after': new Date(Date.now() + 2_000).toUTCString() } });
    server.faults = { status: () => (troubles-- > 0 ? later() : undefined) };
    await download();
    expect(Date.now() - started).toBeGreaterThan(900);
  });

  it('is given up in the end', async () => {
    server.faults = { status: () => ({ status: 502 }) };
    await expect(download()).rejects.toThrow(/it answered with status 502/);
    expect(server.hubSeen).toHaveLength(3);
  });
});
