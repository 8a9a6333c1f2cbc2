import { Command } from 'commander';
import type { Run } from '../entities/index.js';
import { promoteAudited } from '../services/models/audited-promotion.js';
import { adviceLines } from './advice-lines.js';
import { executeRun } from './execute-run.js';
import { id } from './run-options.js';

/** `clvgraph promote`: makes a candidate the model that serves, and notes whose value in lists changes by that. */
export function promoteCommand(): Command {
  return new Command('promote')
    .description('make a model the active one; score it before or after')
    .argument('<model>', 'its id', id('ModelVersion'))
    .action((model: string) =>
      executeRun(async ({ models, runStarts }, dataSource) => {
        const noting: Run[] = [];
        const promoted = await promoteAudited(dataSource, model, {
          details: { commandLine: true },
          // In the same transaction, as in the mutation. A command that is killed in between would leave changes that nobody notes.
          within: async (manager, { scoredAsOf }) => {
            if (scoredAsOf) noting.push(await runStarts.noting(null, manager));
          },
        });
        const advice = await adviceLines(models, promoted);
        const next = promoted.scoredAsOf
          ? []
          : ['  Lists and exports have its values after the next scoring: clvgraph score.'];
        console.log([`Model ${model}, grade ${promoted.grade}, is active.`, ...advice, ...next].join('\n'));
        return noting[0] ?? null;
      }),
    );
}
