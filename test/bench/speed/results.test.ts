import { afterEach, describe, expect, it, vi } from 'vitest';
import { type EngineResults, keep, type MeasuredLine } from '../../../bench/speed/engine/measures.js';
import { environment, readResults } from '../../../bench/speed/results.js';
import { useWorkingFolder } from '../../support/working-folder.js';

const line = (length: number) =>
  ({ kind: 'explaining', size: 'base', length, clock: 'wall', threads: 2, date: '2026-11-01' }) as MeasuredLine;

describe('results of the engine benchmark', () => {
  useWorkingFolder();
  afterEach(() => vi.restoreAllMocks());

  const keptAfter = async (changes: Partial<ReturnType<typeof environment>>) => {
    const here = environment({ torch: '2.13.0' });
    await keep({ environment: here, parameters: {}, encoders: {} }, [line(32)]);
    await keep({ environment: { ...here, ...changes }, parameters: {}, encoders: {} }, [line(64)]);
    return (await readResults<EngineResults>('engine'))!.lines.map(({ length }) => length);
  };

  it('stay beside later ones of the same machine', async () => {
    expect(await keptAfter({ date: '2026-11-02T00:00:00Z' })).toEqual([32, 64]);
  });

  it('of another machine or other versions go, since the report names one of each', async () => {
    vi.spyOn(console, 'warn').mockReturnValue();
    expect(await keptAfter({ processor: 'another' })).toEqual([64]);
    expect(await keptAfter({ versions: { torch: '2.14.0' } })).toEqual([64]);
  });
});
