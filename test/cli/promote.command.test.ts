import { describe, expect, it } from 'vitest';
import { promoteCommand } from '../../src/cli/promote.command.js';
import { useCommandLine } from '../support/command-line.js';
import { useScoredShop } from '../support/scored-shop.js';

describe('clvgraph promote', () => {
  const shop = useScoredShop();
  const printed = useCommandLine(shop);

  it('says at once that the model serves, then notes the changes of lists with progress', async () => {
    await shop.dataSource.query(`update model_version set state = 'CANDIDATE'`);
    await shop.dataSource.query('delete from clv_change');
    const [model] = await shop.dataSource.query<{ id: string }[]>('select id from model_version');
    await promoteCommand().exitOverride().parseAsync([model!.id], { from: 'user' });
    expect(printed[0]).toMatch(/^Model 1, grade .*, is active\./);
    expect(printed[0]).not.toContain('next scoring');
    // Of so few customers, which phases are seen is chance.
    expect(printed).toContainEqual(expect.stringMatching(/^\d+ % [a-z ]+, \d+ s$/));
    expect(printed.at(-2)).toMatch(/^NOTE_CHANGES completed in /);
    const [noted] = await shop.dataSource.query<{ n: number }[]>('select count(*)::integer as n from clv_change');
    expect(noted?.n).toBeGreaterThan(0);
    expect(JSON.parse(printed.at(-1)!)).toEqual({ modelId: '1', changed: noted!.n });
  });

  it('promotes nothing where the run that notes the changes cannot be started', async () => {
    await shop.dataSource.query(`update model_version set state = 'CANDIDATE'`);
    await shop.dataSource.query(`alter table run add constraint refused check (kind <> 'NOTE_CHANGES') not valid`);
    const promotion = promoteCommand().exitOverride().parseAsync(['1'], { from: 'user' });
    await expect(promotion).rejects.toThrow('refused');
    await shop.dataSource.query('alter table run drop constraint refused');
    expect(await shop.dataSource.query('select state from model_version')).toEqual([{ state: 'CANDIDATE' }]);
  });

  it('has nothing to note where the model has not scored anybody', async () => {
    printed.length = 0;
    await shop.dataSource.query(`update model_version set state = 'CANDIDATE', scored_as_of = null`);
    await promoteCommand().exitOverride().parseAsync(['1'], { from: 'user' });
    expect(printed).toEqual([expect.stringMatching(/is active\.[^]*after the next scoring: clvgraph score\.$/)]);
  });
});
