import { Command, Option } from 'commander';
import { join } from 'node:path';
import { ours } from '../ours.js';
import { preparePeers, runPeers } from '../peers.js';
import { chosenOf } from '../protocols.js';
import { exportRows, forget, type Selection, trainOurs } from '../steps.js';
import { priorOnly } from '../variants.js';
import { workFolder, writeWhole } from '../work-folder.js';
import { simulatedProtocols } from './protocols.js';
import { writeSimulatedReport } from './report.js';
import { shopCsv, visitsCsv } from './shop-files.js';
import { type ShopId, shopIds, shops } from './shops.js';

const dataFolder = join(workFolder, 'simulated');

/** Those that are done in a minute. */
const peers = [
  'total_spend',
  'repeat_spend',
  'spend_rate',
  'mean',
  'bg_nbd_gg',
  'lightgbm_hurdle',
  'lightgbm_tweedie',
] as const;

interface Flags {
  readonly protocol: readonly ShopId[];
  readonly fresh: boolean;
}

/** Every step for simulated shops, which the other commands leave out; one seed. */
export function simulated(): Command {
  return new Command('simulated')
    .description('the same on simulated shops: docs/benchmarks/simulated.md')
    .addOption(new Option('--protocol <ids...>', 'some of them only').choices(shopIds).default([], 'all'))
    .option('--fresh', 'do again what is there already', false)
    .action(async ({ protocol, fresh }: Flags) => {
      const protocols = chosenOf(simulatedProtocols, protocol);
      const selection: Selection = { protocols, folds: [], seeds: [1], fresh: false, dataFolder };
      await preparePeers();
      for (const shop of shops) {
        await writeWhole(join(dataFolder, `${shop.id}.csv`), shopCsv(shop));
        const visits = shop.visits?.(shop.customers);
        if (visits) await writeWhole(join(dataFolder, `${shop.id}-visits.csv`), visitsCsv(shop, visits));
      }
      if (fresh) await forget(selection);
      await exportRows(selection);
      await trainOurs(selection, [ours, priorOnly]);
      await runPeers(selection, peers);
      await writeSimulatedReport();
    });
}
