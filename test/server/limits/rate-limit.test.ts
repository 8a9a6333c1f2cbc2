import fastify from 'fastify';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Services } from '../../../src/services/create-services.js';
import { limitRates } from '../../../src/server/limits/rate-limit.js';

afterEach(() => void vi.useRealTimers());

/** Nobody has a key. */
const services = { apiKeys: { authenticate: () => Promise.resolve(null) } } as unknown as Services;

describe('the limit of requests a minute', () => {
  it('begins anew after a minute, though the clock was set back', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    await using app = fastify();
    await limitRates(app, { rateLimit: 2 }, services);
    app.get('/', () => 'answered');
    const ask = async () => (await app.inject('/')).statusCode;
    expect([await ask(), await ask(), await ask()]).toEqual([200, 200, 429]);
    vi.advanceTimersByTime(59_500);
    expect((await app.inject('/')).json()).toMatchObject({
      message: 'More than 2 requests in a minute. Try again in 1 s, or ask for more in one request.',
    });
    vi.advanceTimersByTime(501);
    expect([await ask(), await ask()]).toEqual([200, 200]);
    vi.setSystemTime(Date.now() - 3_600_000);
    expect(await ask()).toBe(429);
    vi.advanceTimersByTime(60_001);
    expect(await ask()).toBe(200);
  });

  it('is one of each address by itself', async () => {
    await using app = fastify();
    await limitRates(app, { rateLimit: 1 }, services);
    app.get('/', () => 'answered');
    const ask = async (remoteAddress: string) => (await app.inject({ url: '/', remoteAddress })).statusCode;
    expect([await ask('10.0.0.1'), await ask('10.0.0.1'), await ask('10.0.0.2')]).toEqual([200, 429, 200]);
  });
});
