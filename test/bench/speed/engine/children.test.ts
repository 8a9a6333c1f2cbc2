import { describe, expect, it } from 'vitest';
import { firstLine } from '../../../../bench/speed/engine/children.js';

const node = (script: string) => firstLine(process.execPath, ['-e', script]);

describe('the first line of a process', () => {
  it('is timed, but not what comes after it, which is waited for', async () => {
    const started = performance.now();
    const { line, seconds } = await node(`console.log('value'); setTimeout(() => undefined, 1_000)`);
    expect(line).toBe('value');
    expect((performance.now() - started) / 1_000 - seconds).toBeGreaterThan(0.9);
  });

  it('of a process that fails is none', async () => {
    await expect(node(`console.log('value'); process.exitCode = 3`)).rejects.toThrow('ended with status 3');
    await expect(node('')).rejects.toThrow('ended with status 0');
  });
});
