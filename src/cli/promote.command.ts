import { Command } from 'commander';
import { loadConfig } from '../config.js';
import { openDatabase } from '../database/open-database.js';
import { promoteAudited } from '../services/audited-promotion.js';
import { id } from './run-options.js';

/** `clvgraph promote`: makes a candidate the model that serves. */
export function promoteCommand(): Command {
  return new Command('promote')
    .description('make a model the one that serves; score it before or after')
    .argument('<model>', 'its id', id)
    .action(async (model: string) => {
      const database = await openDatabase(loadConfig().config);
      try {
        const { grade } = await promoteAudited(database.dataSource, model, null, { commandLine: true });
        console.log(`Model ${model}, grade ${grade}, is active.`);
      } finally {
        await database.close();
      }
    });
}
