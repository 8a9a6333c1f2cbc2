import { describe, expect, it } from 'vitest';
import { throughDeadlocks } from '../../src/database/through-deadlocks.js';

describe('work that Postgres broke off', () => {
  /** Fails so often with this code, then tells how often it was called. */
  function failing(times: number, code: string) {
    let calls = 0;
    return async () => {
      if (++calls <= times) throw Object.assign(new Error(`failure ${calls}`), { code });
      return calls;
    };
  }

  it.each(['40P01', '40001', '23503'])('for %s is done again, up to four times in all', async (code) => {
    expect(await throughDeadlocks(failing(3, code))).toBe(4);
    await expect(throughDeadlocks(failing(4, code))).rejects.toThrow('failure 4');
  });

  it('for anything else is not', async () => {
    await expect(throughDeadlocks(failing(1, '23505'))).rejects.toThrow('failure 1');
  });
});
