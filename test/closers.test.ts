import { describe, expect, it } from 'vitest';
import { closedAfter, closedOnFailure, type Closer } from '../src/closers.js';

describe('parts that are opened one after the other', () => {
  const closed: string[] = [];
  /** Opens three; the second one cannot be put away. */
  const openInto = (opened: Closer[]) => {
    closed.length = 0;
    for (const part of ['database', 'queue', 'worker']) {
      opened.push(async () => {
        closed.push(part);
        if (part === 'queue') throw new Error('the queue stays');
      });
    }
  };
  const whole = ['worker', 'queue', 'database'];

  it.each([closedOnFailure, closedAfter])(
    'are all put away where the work fails, which is what is told (%s)',
    async (run) => {
      const failing = run(async (opened) => {
        openInto(opened);
        throw new Error('no connection is left');
      });
      await expect(failing).rejects.toThrow('no connection is left');
      expect(closed).toEqual(whole);
    },
  );

  it('stay open after work that goes on', async () => {
    expect(await closedOnFailure(async (opened) => openInto(opened) ?? 'up')).toBe('up');
    expect(closed).toEqual([]);
  });

  it('are each put away once after work that is done, and what could not be is told', async () => {
    await expect(closedAfter(async (opened) => openInto(opened))).rejects.toThrow('the queue stays');
    expect(closed).toEqual(whole);
  });
});
