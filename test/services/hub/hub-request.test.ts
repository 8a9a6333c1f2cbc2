import { afterEach, describe, expect, it, vi } from 'vitest';
import { describeFile } from '../../../src/services/hub/hub-files.js';
import { name } from './hub.js';

describe('a mirror that is named without encryption and insists on it', () => {
  afterEach(() => vi.unstubAllGlobals());

  const seen: string[] = [];
  /** Its files; everything else it does not have. */
  const answering = (location: string, files: readonly string[]) => {
    seen.length = 0;
    vi.stubGlobal('fetch', async (url: URL, { headers }: { headers: Record<string, string> }) => {
      seen.push(`${url.origin} ${headers['authorization']}`);
      const [file] = url.pathname.split('/').slice(-1);
      if (url.protocol === 'http:') return Response.redirect(`${location}${url.pathname}`, 301);
      return files.includes(file!)
        ? new Response(null, { headers: { 'content-length': '7' } })
        : new Response(null, { status: 404 });
    });
  };
  const settings = { hubEndpoint: 'http://mirror', hubToken: 'hf_hush', hubCache: '' };
  const describing = (file: string) =>
    describeFile(settings, name, file, { retries: { attempts: 1, pauseMs: 1 }, signal: undefined });

  it('says of each file whether it is there, to who has the token', async () => {
    answering('https://mirror', ['config.json']);
    expect(await describing('config.json')).toMatchObject({ size: 7 });
    expect(await describing('model.safetensors')).toBeUndefined();
    expect(new Set(seen)).toEqual(new Set(['http://mirror Bearer hf_hush', 'https://mirror Bearer hf_hush']));
  });

  it.each(['https://other', 'https://mirror:8443'])('is not %s, which is not even asked', async (other) => {
    answering(other, []);
    expect(await describing('config.json')).toMatchObject({ size: undefined });
    expect(seen).toEqual(['http://mirror Bearer hf_hush']);
  });
});

describe('a mirror that keeps large files on its own origin', () => {
  afterEach(() => vi.unstubAllGlobals());

  it.each(['https://mirror/blobs/1', '/blobs/1'])('says by the redirect to %s what they must be', async (location) => {
    const sha256 = 'ab'.repeat(32);
    vi.stubGlobal('fetch', async ({ pathname }: URL) =>
      pathname.startsWith('/blobs/')
        ? new Response(null, { headers: { etag: '"654f3a10-7"', 'content-length': '7' } })
        : new Response(null, {
            status: 302,
            headers: { location, 'x-repo-commit': 'c0ffee', 'x-linked-etag': `"${sha256}"`, 'x-linked-size': '7' },
          }),
    );
    const settings = { hubEndpoint: 'https://mirror', hubToken: undefined, hubCache: '' };
    const options = { retries: { attempts: 1, pauseMs: 1 }, signal: undefined };
    expect(await describeFile(settings, name, 'model.safetensors', options)).toMatchObject({
      etag: sha256,
      sha256,
      size: 7,
      commit: 'c0ffee',
    });
  });

  it.each(['7 bytes', '', '-7', '0x7'])('that says no size by %j says none', async (size) => {
    vi.stubGlobal('fetch', async () => new Response(null, { headers: { 'x-linked-size': size } }));
    const settings = { hubEndpoint: 'https://mirror', hubToken: undefined, hubCache: '' };
    const options = { retries: { attempts: 1, pauseMs: 1 }, signal: undefined };
    expect(await describeFile(settings, name, 'model.safetensors', options)).toMatchObject({ size: undefined });
  });
});
