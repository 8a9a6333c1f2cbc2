import { describe, expect, it } from 'vitest';
import { preprocessCommand } from '../../src/cli/preprocess.command.js';
import { useCommandLine } from '../support/command-line.js';
import { shopCustomers, useScoredShop } from '../support/scored-shop.js';

describe('clvgraph preprocess', () => {
  const shop = useScoredShop();
  const printed = useCommandLine(shop);

  it('says what is in the snapshot', async () => {
    await preprocessCommand().exitOverride().parseAsync(['--as-of', '2025-07-01'], { from: 'user' });
    const end = printed.findIndex((line) => line.startsWith('PREPROCESS completed in '));
    const [result, counts] = printed.slice(end + 1);
    expect(JSON.parse(result!)).toEqual({ snapshotId: expect.stringMatching(/^\d+$/) });
    expect(counts).toMatch(
      new RegExp(`^\\d+ of ${shopCustomers + 1} customers have bought; [\\d,]+ rows to train on, \\d+ to check on\\.$`),
    );
  }, 60_000);
});
