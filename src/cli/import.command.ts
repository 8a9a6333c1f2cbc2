import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { ClvError } from '../errors.js';
import { importFile } from '../services/ingestion/import-file.js';
import { dateFormats, fileEncodings, importKinds, type ImportMapping } from '../services/ingestion/import.types.js';
import { parseMapping, parsePartOfMapping } from '../services/ingestion/mapping/mapping.js';
import { type PresetName, presetNames, presets } from '../services/ingestion/mapping/presets.js';
import { type Pairs, pairs } from './field-pairs.js';
import { importSummary } from './import-summary.js';
import { onDatabase } from './on-database.js';

interface ImportFlags extends Partial<
  Omit<ImportMapping, 'columns' | 'constants' | 'emptyValues' | 'lowerCase' | 'only'>
> {
  readonly preset?: PresetName;
  readonly mapping?: string;
  readonly map?: Pairs;
  readonly set?: Pairs;
  readonly only?: ImportMapping['only'];
  readonly empty?: readonly string[];
  readonly lower?: readonly string[];
  readonly source: string;
  readonly rejections?: string;
}

/** `clvgraph import`: loads a file of customers, products, orders, order lines or events. */
export function importCommand(): Command {
  return new Command('import')
    .description('load a CSV file, gzipped or not; the same file again changes nothing (docs/importing.md)')
    .argument('<file>', 'what to load')
    .addOption(new Option('-p, --preset <name>', 'a well-known file').choices(presetNames))
    .option('-m, --mapping <file>', 'JSON file that says which column is which field')
    .addOption(new Option('-k, --kind <kind>', 'what the rows are').choices(importKinds))
    .option('--map <field=column,...>', 'which column a field is in, e.g. order.placedAt=Date', pairs)
    .option('--set <field=value,...>', 'a value that every row has, e.g. event.type=BROWSE', pairs)
    .option('-s, --source <name>', 'the system that the ids belong to', 'default')
    .option('-c, --currency <code>', 'currency of orders that name none')
    .addOption(new Option('--encoding <name>', 'detected from the file if not given').choices(fileEncodings))
    .option('--delimiter <character>', 'detected from the header line if not given')
    .option('--plain-quotes', 'nothing is enclosed in quotes: " is a character like any other')
    .addOption(new Option('--date-format <format>', 'how dates are written').choices(dateFormats))
    .option('--decimal-comma', 'numbers are written 1.234,50')
    .option('--empty <value,...>', 'what stands in a column of ids where there is none, e.g. 0,NULL', list)
    .option(
      '--lower <field,...>',
      'ids that are read in lower case, e.g. customer.externalId of e-mail addresses',
      list,
    )
    .option('--only <column=value,...>', 'loads only rows with one of these values; once for each column', only)
    .option('--rejections <file>', 'where rejected rows are listed; <file>.rejected.csv here if not given')
    .action(async (path: string, flags: ImportFlags) => {
      const mapping = await mappingOf(flags);
      const rejectionsPath = flags.rejections ?? `${basename(path)}.rejected.csv`;
      const { source } = flags;
      const report = await onDatabase((dataSource, { currency }, hooks) =>
        importFile(dataSource, { path, mapping, source, rejectionsPath, currency, ...hooks }),
      );
      console.log(importSummary(report, rejectionsPath));
      if (report.rowsAccepted === 0) process.exitCode = 1;
    });
}

/** The mapping of the preset or the JSON file, changed by what the flags say. */
async function mappingOf({
  preset,
  mapping,
  map = {},
  set = {},
  only,
  empty,
  lower,
  ...flags
}: ImportFlags): Promise<ImportMapping> {
  if (preset && mapping) throw new ClvError('IMPORT_INVALID', 'Give --preset or --mapping, not both.');
  if (!preset && !mapping && !flags.kind) {
    throw new ClvError(
      'IMPORT_INVALID',
      'Nothing says what the columns are: give --preset, --mapping, or --kind with --map (docs/importing.md).',
    );
  }
  const fromFile = mapping ? parsePartOfMapping(await readMapping(mapping), mapping) : {};
  const base: Partial<ImportMapping> = preset ? presets[preset] : fromFile;
  const { kind, currency, encoding, delimiter, plainQuotes, dateFormat, decimalComma } = flags;
  const file = { kind, currency, encoding, delimiter, plainQuotes, dateFormat, decimalComma };
  const given = { ...file, emptyValues: empty, lowerCase: lower };
  return parseMapping({
    ...base,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    ...(only && { only: { ...base.only, ...only } }),
    columns: { ...without(set, base.columns), ...map },
    constants: { ...without(map, base.constants), ...set },
  });
}

/** The fields without those that a flag gives: a flag replaces a field of the mapping, be it a column or a constant. */
const without = (overruled: Pairs, fields: Pairs = {}): Pairs =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !(name in overruled)));

async function readMapping(path: string): Promise<unknown> {
  try {
    return JSON.parse((await readFile(path, 'utf8')).replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new ClvError('IMPORT_INVALID', `The mapping ${path} cannot be used: ${(cause as Error).message}`, { cause });
  }
}

const list = (text: string, earlier: readonly string[] = []): string[] => [...earlier, ...text.split(',')];

function only(text: string, earlier: ImportMapping['only'] = {}): ImportMapping['only'] {
  const [, column, values] = /^\s*([^=]+?)\s*=(.*)$/.exec(text) ?? [];
  if (column === undefined) throw new InvalidArgumentError(`"${text}" is not of the form column=value.`);
  return { ...earlier, [column]: list(values!) };
}
