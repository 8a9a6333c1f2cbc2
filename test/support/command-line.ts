import { afterAll, beforeAll, vi } from 'vitest';
import type { OpenTestDatabase } from './database.js';

/**
 * For the tests of the block that calls this, commands run on that database.
 * @returns what they print, line by line
 */
export function useCommandLine(shop: OpenTestDatabase): string[] {
  const printed: string[] = [];
  beforeAll(() => {
    vi.stubEnv('DATABASE_URL', shop.url);
    for (const stream of ['log', 'error'] as const) {
      vi.spyOn(console, stream).mockImplementation((text: string) => void printed.push(text));
    }
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });
  return printed;
}
