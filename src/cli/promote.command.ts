import { Command } from 'commander';
import { loadConfig } from '../config.js';
import { openDatabase } from '../database/open-database.js';
import { promoteAudited } from '../services/models/audited-promotion.js';
import { ModelsService } from '../services/models/models.service.js';
import { withProgressBar } from './progress-bar.js';
import { id } from './run-options.js';

/** `clvgraph promote`: makes a candidate the model that serves. */
export function promoteCommand(): Command {
  return new Command('promote')
    .description('make a model the one that serves; score it before or after')
    .argument('<model>', 'its id', id)
    .action(async (model: string) => {
      const database = await openDatabase(loadConfig().config);
      try {
        const promoted = await withProgressBar(async (progress) => {
          // Of a million customers that is most of a minute.
          await progress.report('promoting, and noting whose value changes in lists', 0);
          return promoteAudited(database.dataSource, model, { details: { commandLine: true } });
        });
        const [advice = []] = await new ModelsService(database.dataSource).advice([promoted]);
        const lines = advice.map(({ message }) => `  ${message}`);
        console.log([`Model ${model}, grade ${promoted.grade}, is active.`, ...lines].join('\n'));
      } finally {
        await database.close();
      }
    });
}
