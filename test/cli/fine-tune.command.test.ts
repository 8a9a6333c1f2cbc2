import { describe, expect, it } from 'vitest';
import { fineTuneCommand } from '../../src/cli/fine-tune.command.js';
import { useCommandLine } from '../support/command-line.js';
import { useScoredShop } from '../support/scored-shop.js';

describe('clvgraph fine-tune', () => {
  const shop = useScoredShop();
  const printed = useCommandLine(shop);

  it('says how to make a snapshot where there is none', async () => {
    const started = fineTuneCommand().exitOverride().parseAsync(['--snapshot', '99'], { from: 'user' });
    await expect(started).rejects.toThrow(/no complete snapshot 99 .*by startPreprocessing or clvgraph preprocess/);
  });

  it('says what came of it, and what to do about the model', async () => {
    await fineTuneCommand().exitOverride().parseAsync(['--epochs', '1', '--batch-size', '32'], { from: 'user' });
    const end = printed.findIndex((line) => line.startsWith('FINE_TUNE completed in '));
    const [result, heading, ...advice] = printed.slice(end + 1);
    const { modelId, grade } = JSON.parse(result!) as { modelId: string; grade: string };
    expect(heading).toBe(`Model ${modelId}, grade ${grade}:`);
    expect(advice).toContainEqual(expect.stringMatching(/^ {2}\d+ held-out customers show the lift only to within /));
  }, 180_000);
});
