import { describe, expect, it } from 'vitest';
import { demoCommand } from '../../src/cli/demo.command.js';
import { useCommandLine } from '../support/command-line.js';
import { useTestDatabase } from '../support/database.js';

describe('clvgraph demo', () => {
  const database = useTestDatabase();
  const printed = useCommandLine(database);

  it('says what it has loaded, and warns beside customers of another source', async () => {
    const load = () =>
      demoCommand().exitOverride().parseAsync(['--customers', '50', '--years', '0.5'], { from: 'user' });
    await load();
    expect(printed.join('\n')).toMatch(/^Synthetic shop loaded[^]* 50 customers/m);
    expect(printed.join('\n')).not.toContain('warning');
    await database.dataSource.query(`insert into customer (source, external_id) values ('shop', 'c-1')`);
    await load();
    expect(printed.at(-1)).toMatch(/^ {2}warning: other customers are in this database, too/);
  });
});
