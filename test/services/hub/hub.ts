import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { downloadModel } from '../../../src/services/hub/download-model.js';
import type { DownloadHooks } from '../../../src/services/hub/snapshot-download.js';
import { HubServer } from './hub-server.js';

export const fixtures = 'test/fixtures/hugging-face';
export const name = { id: 'acme/tiny', revision: 'main' };
export const hooks: DownloadHooks = { retries: { attempts: 3, pauseMs: 1 } };

/** A hub with one model, and an empty cache, for each test. */
export function useHub() {
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
  const settings = (token?: string) => ({ hubEndpoint: server.endpoint, hubToken: token, hubCache: cache });
  return {
    get cache() {
      return cache;
    },
    get server() {
      return server;
    },
    settings,
    download: (token?: string, more: DownloadHooks = {}) => downloadModel(name, settings(token), { ...hooks, ...more }),
    /** Goes on with a changed copy of a fixture. */
    async serve(change: (folder: string) => Promise<void>, from = 'gpt2'): Promise<void> {
      await server.stop();
      const folder = path.join(cache, 'served');
      await cp(`${fixtures}/${from}`, folder, { recursive: true });
      await change(folder);
      server = await HubServer.start(folder);
    },
  };
}
