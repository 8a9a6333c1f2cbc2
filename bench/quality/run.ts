import { Argument, Command, Option } from 'commander';
import { existsSync } from 'node:fs';
import { exportFold } from './export.js';
import { fullDatabase, prepareDataSet, prepareFold } from './folds.js';
import { withProgressLines } from './progress-lines.js';
import { foldsOf, type Protocol, type ProtocolId, protocolIds, protocols } from './protocols.js';
import { BenchServer } from './server.js';
import { filesOf } from './work-folder.js';

interface Flags {
  readonly data: string;
  readonly fresh: boolean;
}

const chosen = (ids: readonly ProtocolId[]): readonly Protocol[] => protocols.filter(({ id }) => ids.includes(id));

async function exportAll(ids: readonly ProtocolId[], { data, fresh }: Flags): Promise<void> {
  await using server = await BenchServer.open();
  const imported = new Set<string>();
  for (const protocol of chosen(ids)) {
    if (!imported.has(protocol.data.name)) {
      await withProgressLines(`import ${protocol.data.title}`, (progress) =>
        prepareDataSet(server, protocol.data, { dataFolder: data, fresh, progress }),
      );
      imported.add(protocol.data.name);
    }
    for (const fold of foldsOf(protocol)) {
      const record = await withProgressLines(`prepare ${protocol.id} ${fold}`, (progress) =>
        prepareFold(server, protocol, fold, { fresh, progress }),
      );
      if (!fresh && existsSync(filesOf(protocol, fold).zero)) continue;
      const full = await server.connect(fullDatabase(protocol.data));
      const training = await server.connect(record.database);
      try {
        await withProgressLines(`export ${protocol.id} ${fold}`, (progress) =>
          exportFold({ full, training }, protocol, fold, record, progress),
        );
      } finally {
        await full.destroy();
        await training.destroy();
      }
    }
  }
}

const program = new Command('quality');
program
  .command('export')
  .addArgument(new Argument('[protocols...]').choices(protocolIds).default(protocolIds))
  .addOption(new Option('--data <folder>', 'where the data sets are').default('../shared/data'))
  .option('--fresh', 'make everything anew', false)
  .action(exportAll);
await program.parseAsync();
