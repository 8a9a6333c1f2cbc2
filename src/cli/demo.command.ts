import { Command, InvalidArgumentError, Option } from 'commander';
import type { DataSource } from 'typeorm';
import { isDay, midnightOf } from '../days.js';
import { sum } from '../math.js';
import { type CatalogueName, catalogueNames } from '../services/demo/catalogues/index.js';
import { type DemoReport, generateDemoShop } from '../services/demo/demo-shop.service.js';
import { demoSource } from '../services/demo/demo-source.js';
import { counted } from '../text.js';
import { onDatabase } from './on-database.js';

interface DemoFlags {
  readonly customers: number;
  readonly seed: number;
  readonly years: number;
  readonly until?: Date;
  readonly catalogue: CatalogueName;
  readonly replace: boolean;
}

/** `clvgraph demo`: loads a synthetic shop to try things on. */
export function demoCommand(): Command {
  return new Command('demo')
    .description('load a synthetic shop (source "demo"): the same seed and end date give the same shop')
    .option('-c, --customers <number>', 'how many customers, up to 1,000,000', wholeNumber, 2_000)
    .option('-s, --seed <number>', 'which shop', wholeNumber, 1)
    .option('-y, --years <number>', 'years over which customers were acquired', positiveNumber, 2.5)
    .option('-u, --until <date>', 'end of the data, e.g. 2026-01-31; today by default', utcDate)
    .addOption(new Option('--catalogue <name>', 'what it sells').choices(catalogueNames).default('homeware'))
    .option('--replace', 'delete another demo shop that is there', false)
    .action(async (flags: DemoFlags) => {
      const [report, isBesideOthers] = await onDatabase(async (dataSource, { currency }, hooks) => [
        await generateDemoShop(dataSource, { ...flags, currency, ...hooks }),
        await holdsOthers(dataSource),
      ]);
      console.log(summary(report));
      if (isBesideOthers) {
        console.log(
          '  warning: other customers are in this database, too: the demo shop is trained on and listed with them. ' +
            'See the README on your own data',
        );
      }
    });
}

async function holdsOthers(dataSource: DataSource): Promise<boolean> {
  const [found] = await dataSource.query<{ there: boolean }[]>(
    'select exists (select from customer where source <> $1) as there',
    [demoSource],
  );
  return found!.there;
}

function summary({ loaded, seed, catalogue, until, currency, counts }: DemoReport): string {
  const events = sum(Object.values(counts.events));
  return [
    loaded ? 'Synthetic shop loaded (source "demo"):' : 'This synthetic shop was there already; nothing changed:',
    `  ${catalogue}, seed ${seed}, until ${until.slice(0, 10)}, in ${currency}`,
    `  ${counted(counts.customers, 'customer')}, ${counted(counts.products, 'product')}`,
    `  ${counted(counts.orders, 'order')} and ${counted(counts.returns, 'return')} with ${counted(counts.orderLines, 'line')}`,
    `  ${counted(events, 'event')}`,
  ].join('\n');
}

function wholeNumber(text: string): number {
  if (!/^-?\d{1,15}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

function positiveNumber(text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new InvalidArgumentError('It must be a number above 0.');
  return number;
}

function utcDate(text: string): Date {
  if (!isDay(text)) throw new InvalidArgumentError('It must be a date like 2026-01-31.');
  return midnightOf(text);
}
