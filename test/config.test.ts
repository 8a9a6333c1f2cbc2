import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { loadConfig, shownValue, unknownSettings } from '../src/config.js';

const nowhere = '/nonexistent/.env';

describe('settings', () => {
  it('have defaults that need no environment', () => {
    const { config, sources } = loadConfig({}, nowhere);
    expect(config).toMatchObject({ databaseUrl: undefined, port: 4000, engine: 'auto', horizonDays: 365 });
    expect(sources.port).toBe('default');
  });

  it('come from the environment and are converted', () => {
    const { config, sources } = loadConfig({ PORT: '8080', CLVGRAPH_AS_OF: '1997-09-30' }, nowhere);
    expect(config).toMatchObject({ port: 8080, asOf: '1997-09-30' });
    expect(sources).toMatchObject({ port: 'environment', host: 'default' });
  });

  it('that are blank are not set', () => {
    const { config, sources } = loadConfig({ PORT: ' ', CLVGRAPH_WORKERS: '\t', HF_TOKEN: ' hf_x\n' }, nowhere);
    expect(config).toMatchObject({ port: 4000, workers: loadConfig({}, nowhere).config.workers, hubToken: 'hf_x' });
    expect(sources.port).toBe('default');
  });

  it('name every wrong variable at once, without showing a secret', () => {
    const load = () => loadConfig({ PORT: 'eighty', DATABASE_URL: 'mysql://me:hush@db/x' }, nowhere);
    expect(load).toThrow(/PORT=eighty/);
    expect(load).toThrow(/DATABASE_URL=\*\*\*: must start with postgres:\/\//);
    expect(load).not.toThrow(/hush/);
  });

  it('take the hub’s address and keep its token to themselves', () => {
    const { config } = loadConfig({ HF_ENDPOINT: 'http://mirror:8080/hf', HF_TOKEN: 'hf_hush' }, nowhere);
    expect(config).toMatchObject({ hubEndpoint: 'http://mirror:8080/hf', hubToken: 'hf_hush' });
    expect(shownValue('hubToken', config)).toBe('***');
    expect(() => loadConfig({ HF_ENDPOINT: 'mirror' }, nowhere)).toThrow(/HF_ENDPOINT=mirror: must be an address/);
    const wrong = () => loadConfig({ HF_ENDPOINT: 'http://me:hush@mirror', HF_TOKEN: 'hf_hush\nx' }, nowhere);
    expect(wrong).toThrow(
      /HF_ENDPOINT=http:\/\/\*\*\*@mirror: must not hold a user.*\nHF_TOKEN=\*\*\*: must be one word/,
    );
    expect(wrong).not.toThrow(/hush/);
  });

  it('mask the password of the database when shown', () => {
    const { config } = loadConfig({ DATABASE_URL: 'postgres://me:hush@db/x' }, nowhere);
    expect(shownValue('databaseUrl', config)).toBe('postgres://me:***@db/x');
    const shown = (databaseUrl: string) => shownValue('databaseUrl', { ...config, databaseUrl });
    expect(shown('postgres://me:hu@sh@db/x')).toBe('postgres://me:***@db/x');
    expect(shown('postgres://:hush@db/x')).not.toContain('hush');
    expect(shown('postgres://me@db/x?sslpassword=hush&password=hush')).not.toContain('hush');
    expect(shown('postgres://me@db/x?password=hush&sslmode=require')).not.toContain('hush');
  });

  it('that are misspelt are named', () => {
    expect(unknownSettings({ CLVGRAPH_DEVISE: 'cpu', CLVGRAPH_DEVICE: 'cpu', PATH: '/bin' }, nowhere)).toEqual([
      'CLVGRAPH_DEVISE',
    ]);
  });

  it('are read behind the byte order mark of an editor', () => {
    const folder = mkdtempSync(join(tmpdir(), 'clvgraph-env-'));
    const file = join(folder, '.env');
    writeFileSync(file, '\uFEFFDATABASE_URL=postgres://me@db/x\r\nPORT=8080\r\n');
    expect(loadConfig({}, file).config).toMatchObject({ databaseUrl: 'postgres://me@db/x', port: 8080 });
    rmSync(folder, { recursive: true });
  });

  it('are none in a folder called .env, and a file that cannot be read is named', () => {
    const folder = mkdtempSync(join(tmpdir(), 'clvgraph-env-'));
    const [packages, unreadable] = [join(folder, '.env'), join(folder, 'loop')];
    mkdirSync(packages);
    expect(loadConfig({}, packages).config.port).toBe(4000);
    expect(unknownSettings({}, packages)).toEqual([]);
    // Root may read whatever has a mode.
    symlinkSync(unreadable, unreadable);
    expect(() => loadConfig({}, unreadable)).toThrow(`The settings in ${unreadable} cannot be read (ELOOP).`);
    rmSync(folder, { recursive: true });
  });

  it('are there for a user who has no home', async () => {
    vi.resetModules();
    vi.doMock('node:os', async (original) => ({
      ...(await original<typeof import('node:os')>()),
      homedir: () => {
        throw new Error('uv_os_homedir returned ENOENT');
      },
    }));
    const { loadConfig: load } = await import('../src/config.js');
    expect(load({}, nowhere).config.hubCache).toBe('/.cache/huggingface/hub');
    vi.doUnmock('node:os');
  });

  it('take origins as browsers send them, and no others', () => {
    const origins = (list: string) => loadConfig({ CLVGRAPH_CORS_ORIGINS: list }, nowhere).config.corsOrigins;
    expect(origins('https://crm.example, http://localhost:3000,capacitor://localhost,')).toEqual([
      'https://crm.example',
      'http://localhost:3000',
      'capacitor://localhost',
    ]);
    expect(origins('*')).toEqual(['*']);
    for (const wrong of ['https://crm.example/', 'https://crm.example/app', 'crm.example', 'https://CRM.example']) {
      expect(() => origins(`*,${wrong}`)).toThrow(/CLVGRAPH_CORS_ORIGINS=.*: must be origins such as https:/);
    }
  });

  it('say what they may be', () => {
    expect(() => loadConfig({ PORT: 'abc' }, nowhere)).toThrow(/PORT=abc: must be a whole number from 0 to 65535/);
    expect(() => loadConfig({ CLVGRAPH_AS_OF: 'yesterday' }, nowhere)).toThrow(/must be auto or a date like/);
    expect(() => loadConfig({ CLVGRAPH_AS_OF: '2099-01-01' }, nowhere)).toThrow(/AS_OF=2099-01-01: is yet to come/);
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
    // An instant stands for its day.
    for (const asOf of [tomorrow, `${tomorrow}T23:00:00Z`])
      expect(loadConfig({ CLVGRAPH_AS_OF: asOf }, nowhere).config.asOf).toBe(asOf);
  });
});
