import { describe, expect, it } from 'vitest';
import { atLeast, atMost } from '../../../bench/speed/goals.js';

describe('goals of the speed benchmark', () => {
  it('are judged by the worst of the values', () => {
    expect(atLeast('full fine-tune', 1, [2.334, 1.676])).toEqual([
      { what: 'full fine-tune', goal: 'at least 1 times', measured: '1.67 to 2.33 times', reached: true },
    ]);
    expect(atLeast('import', 0.4, [0.0662, 0.41])).toMatchObject([{ measured: '0.066 to 0.41 times', reached: false }]);
    expect(atMost('stalls', 50, [3.9, 50.6], 'ms')).toMatchObject([{ measured: '3.90 to 50.6 ms', reached: false }]);
    expect(atMost('failed requests', 0, [0], '')).toMatchObject([{ goal: 'at most 0', measured: '0', reached: true }]);
  });

  it('that are missed by little do not show a figure that reaches them', () => {
    expect(atLeast('full fine-tune', 1, [0.9996])).toMatchObject([{ measured: '0.99 times', reached: false }]);
    expect(atMost('segments', 1.3, [1.304])).toMatchObject([{ measured: '1.31 times', reached: false }]);
    expect(atMost('stalls', 50, [50.04], 'ms')).toMatchObject([{ measured: '50.1 ms', reached: false }]);
  });

  it('that need no rounding stay as they are', () => {
    expect(atMost('memory', 1, [0.57])).toMatchObject([{ measured: '0.57 times' }]);
    expect(atLeast('import', 0.4, [0.29])).toMatchObject([{ measured: '0.29 times' }]);
  });

  it('of what was not measured are left out', () => {
    expect(atLeast('full fine-tune', 1, [])).toEqual([]);
  });
});
