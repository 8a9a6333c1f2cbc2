import { existsSync } from 'node:fs';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { cancelled } from '../../../src/progress.js';
import { downloadModel } from '../../../src/services/hub/download-model.js';
import { hooks, name, useHub } from './hub.js';

const hub = useHub();
const { download, serve, settings } = hub;

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
    expect(existsSync(path.join(hub.cache, 'models--acme--tyni'))).toBe(false);
  });

  it('is an unknown revision', async () => {
    expect(await failure('acme/tiny', 'v9')).toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringMatching(/acme\/tiny has no revision v9/) as string,
    });
  });

  it('is a model that the token may not read', async () => {
    hub.server.faults = { status: () => ({ status: 403, headers: { 'x-error-code': 'GatedRepo' } }) };
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
    hub.server.faults = { status: () => ({ status: 410 }) };
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
    expect(hub.server.hubSeen.filter(({ method, path }) => method === 'GET' && path.endsWith('.bin'))).toEqual([]);
  });

  it('is a model without tokenizer.json', async () => {
    await serve((folder) => rm(path.join(folder, 'tokenizer.json')));
    expect((await failure('acme/tiny')).message).toMatch(/has no tokenizer\.json.*AutoTokenizer/);
  });

  it('is a model of another kind, whose weights are not even asked for', async () => {
    await serve((folder) => writeFile(path.join(folder, 'config.json'), '{"model_type": "llama"}'));
    expect((await failure('acme/tiny')).message).toMatch(/does not describe a model that can be loaded/);
    expect(hub.server.hubSeen.filter(({ path }) => path.includes('safetensors'))).toEqual([]);
  });

  it('is anything, where the cache cannot be written', async () => {
    const file = path.join(hub.cache, 'file');
    await writeFile(file, '');
    const failure = downloadModel(name, { ...settings(), hubCache: file }, hooks);
    await expect(failure).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await expect(failure).rejects.toThrow(/The cache .*file cannot be written \((ENOTDIR|EEXIST)\)/);
  });

  it('is anything, where a folder of the cache leads to nothing, which Node tells as it does a read-only disk', async () => {
    const repository = path.join(hub.cache, 'models--acme--tiny');
    await mkdir(repository);
    await symlink(path.join(hub.cache, 'no/such/disk'), path.join(repository, 'blobs'));
    expect(await failure('acme/tiny')).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('cannot be written (ENOENT)') as string,
    });
  });

  it('is anything, where the hub redirects to no address', async () => {
    hub.server.faults = { status: () => ({ status: 302, headers: { location: 'http://' } }) };
    await expect(download()).rejects.toMatchObject({ code: 'HUB_UNAVAILABLE' });
  });

  it('is anything, while there is no network', async () => {
    await hub.server.stop();
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
    hub.server.faults = {
      status: () => (troubles-- > 0 ? { status: troubles ? 503 : 429, headers: { 'retry-after': '0' } } : undefined),
    };
    await download();
    expect(troubles).toBeLessThan(0);
  });

  it('is waited for until the instant that it names', async () => {
    let troubles = 1;
    const started = Date.now();
    const later = () => ({ status: 503, headers: { 'retry-after': new Date(Date.now() + 2_000).toUTCString() } });
    hub.server.faults = { status: () => (troubles-- > 0 ? later() : undefined) };
    await download();
    expect(Date.now() - started).toBeGreaterThan(900);
  });

  it('is given up in the end', async () => {
    hub.server.faults = { status: () => ({ status: 502 }) };
    await expect(download()).rejects.toThrow(/it answered with status 502/);
    expect(hub.server.hubSeen).toHaveLength(3);
  });
});
