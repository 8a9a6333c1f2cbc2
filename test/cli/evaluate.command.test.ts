import { describe, expect, it } from 'vitest';
import { evaluateCommand } from '../../src/cli/evaluate.command.js';
import { useCommandLine } from '../support/command-line.js';
import { useScoredShop } from '../support/scored-shop.js';

describe('clvgraph evaluate', () => {
  const shop = useScoredShop();
  const printed = useCommandLine(shop);
  const evaluate = async () => {
    printed.length = 0;
    await evaluateCommand()
      .exitOverride()
      .parseAsync(['--as-of', '2025-01-01', '--horizon-days', '90'], { from: 'user' });
    const end = printed.findIndex((line) => line.startsWith('EVALUATE completed in '));
    return printed.slice(end + 2);
  };

  it('says where training knew what happened after the date, and how to test', async () => {
    expect(await evaluate()).toEqual([
      'Model 1 was trained on what happened after 2025-01-01, too, so these figures flatter it.',
      '  For a real test: preprocess --as-of 2025-01-01, fine-tune, and evaluate that model.',
    ]);
  }, 60_000);

  it('says nothing of the kind where the snapshot ends by then', async () => {
    await shop.dataSource.query(`update snapshot set as_of = '2025-01-01'`);
    expect(await evaluate()).toEqual([]);
  }, 60_000);
});
