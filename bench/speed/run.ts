import { Command } from 'commander';
import { reported } from '../../src/cli/reported.js';
import { parts } from './parts.js';
import { writeReport } from './report.js';

const program = new Command('bench:speed')
  .description('Measures speed beside the peers and writes docs/benchmarks/speed.md. Without a part: all of them.')
  .option('--quick', 'a small subset of every part', false)
  .enablePositionalOptions();

for (const part of parts) program.addCommand(part.command().hook('postAction', writeReport));

program
  .addCommand(new Command('report').description('writes the report from what was measured').action(writeReport))
  .action(async ({ quick }: { quick: boolean }) => {
    for (const part of parts) await part.command().parseAsync(quick ? ['--quick'] : [], { from: 'user' });
    await writeReport();
  });

await reported(() => program.parseAsync());
