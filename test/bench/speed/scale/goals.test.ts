import { describe, expect, it } from 'vitest';
import { environment, spreadOf, writeResults } from '../../../../bench/speed/results.js';
import { goals } from '../../../../bench/speed/scale/goals.js';
import { section } from '../../../../bench/speed/scale/section.js';
import { useWorkingFolder } from '../../../support/working-folder.js';

const scored = (words: boolean, customersPerSecond: number, theirs: readonly number[]) => ({
  workers: 2,
  words,
  precision: 'INT8' as const,
  seconds: 10,
  load: 1,
  customers: 100_000,
  customersPerSecond,
  missed: 0,
  surplus: 0,
  repeatedShards: 0,
  pipeline: { customersPerSecond: spreadOf(theirs), tokens: 64 },
});

describe('the scoring of a base', () => {
  useWorkingFolder();

  it('is told beside the Pipeline that was measured around it', async () => {
    const scoring = [scored(false, 6_050, [900, 1_000, 1_100]), scored(true, 2_900, [800, 1_000, 1_200])];
    await writeResults('scale', { environment: environment(), sizes: { 100_000: { scoring } } });
    const found = (await goals()).filter(({ what }) => what.includes('Pipeline'));
    expect(found.map(({ measured, reached }) => [measured, reached])).toEqual([
      ['6.05 times', true],
      ['2.90 times', false],
    ]);
    expect(await section()).toContain('| words and numbers, INT8 | 2 |');
    expect(await section()).toContain('2.90 (1000 [800, 1200]; 64 tokens)');
  });

  it('was not measured beside it in earlier results', async () => {
    const { pipeline: _pipeline, precision: _precision, ...earlier } = scored(true, 2_900, [1_000]);
    await writeResults('scale', { environment: environment(), sizes: { 100_000: { scoring: [earlier] } } });
    expect((await goals()).filter(({ what }) => what.includes('Pipeline'))).toEqual([]);
    expect(await section()).toContain('| words and numbers | 2 | 10 | 2900 | not measured |');
  });
});
