import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { promoteCommand } from '../../src/cli/promote.command.js';
import { useScoredShop } from '../support/scored-shop.js';

describe('clvgraph promote', () => {
  const shop = useScoredShop();
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

  it('says what it does before it is done, and notes the changes of lists', async () => {
    await shop.dataSource.query(`update model_version set state = 'CANDIDATE'`);
    await shop.dataSource.query('delete from clv_change');
    const [model] = await shop.dataSource.query<{ id: string }[]>('select id from model_version');
    await promoteCommand().exitOverride().parseAsync([model!.id], { from: 'user' });
    expect(printed[0]).toContain('noting whose value changes in lists');
    expect(printed.at(-1)).toMatch(/^Model 1, grade .*, is active\./);
    const [noted] = await shop.dataSource.query<{ n: number }[]>('select count(*)::integer as n from clv_change');
    expect(noted?.n).toBeGreaterThan(0);
  });
});
