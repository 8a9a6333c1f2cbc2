import type { FastifyRateLimitStore } from '@fastify/rate-limit';
import { LRUCache } from 'lru-cache';

const rememberedCallers = 5_000;

/**
 * The number of each caller's requests in a window that begins with the first one. It uses a monotonic clock: with the plugin's own store,
 * after the system clock was set back, windows would not end until it has reached its earlier time again.
 */
export class RateStore implements FastifyRateLimitStore {
  private readonly windows = new LRUCache<string, { count: number; readonly until: number }>({
    max: rememberedCallers,
  });

  incr(key: string, callback: Parameters<FastifyRateLimitStore['incr']>[1], windowMs: number): void {
    const now = performance.now();
    let window = this.windows.get(key);
    if (!window || window.until <= now) this.windows.set(key, (window = { count: 0, until: now + windowMs }));
    window.count++;
    callback(null, { current: window.count, ttl: window.until - now });
  }

  /** All routes share one count. */
  child(): this {
    return this;
  }
}
