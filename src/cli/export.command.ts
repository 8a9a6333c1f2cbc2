import { Command, InvalidArgumentError, Option } from 'commander';
import { dayOf } from '../days.js';
import { longestHorizonDays } from '../ml/features/horizon-limits.js';
import {
  type ExportFormat,
  exportFormats,
  type ExportOptions,
  type ExportReport,
} from '../services/exporting/export.types.js';
import { exportCustomers } from '../services/exporting/export-customers.js';
import { type ExportTarget, openFileTarget, outputClosed, streamTarget } from '../services/exporting/export-target.js';
import { counted } from '../text.js';
import { customerFilter } from './filter-option.js';
import { onDatabase } from './on-database.js';
import { asOfOption, id, number, type PeriodFlags, wholeNumber } from './run-options.js';

interface ExportFlags extends PeriodFlags {
  readonly model?: string;
  readonly segment?: string;
  readonly filter?: string;
  readonly membership: readonly string[];
  readonly level: number;
  readonly format?: ExportFormat;
  readonly personalData: boolean;
  readonly raw: boolean;
}

/** `clvgraph export`: writes customers with their values to a file. */
export function exportCommand(): Command {
  return new Command('export')
    .description('write customers with their predicted values as CSV or JSON lines (docs/exporting.md)')
    .argument('<file>', 'file to write; - for standard output')
    .option('--segment <name>', 'only members of this segment')
    .option('--filter <json>', `only customers who fit a CustomerFilterInput, e.g. '{"clv": {"min": 100}}'`)
    .option('--membership <segment>', 'a column that tells who is in this segment; once for each segment', list, [])
    .option('--level <probability>', 'probability inside the interval, 0.01 to 0.99', level, 0.8)
    .option('--model <id>', 'the model (default: the active one)', id('ModelVersion'))
    .addOption(asOfOption("default: that of the model's last scoring of all customers"))
    .option(
      '--horizon-days <days>',
      `horizon of the scoring, 1 to ${longestHorizonDays} (default: that of the model's last one of all customers)`,
      wholeNumber(1, longestHorizonDays),
    )
    .addOption(new Option('--format <name>', 'by file extension if not given').choices(exportFormats))
    .option('--personal-data', 'names, e-mail addresses and telephone numbers, too', false)
    .option('--raw', 'leave texts of a CSV file as they are that a spreadsheet would take for formulas', false)
    .action(async (path: string, { filter, membership, format, model, asOf, horizonDays, ...flags }: ExportFlags) => {
      const report = await runExport(path, {
        ...flags,
        scoring: { modelId: model, asOf, horizonDays },
        format: format ?? (/\.(jsonl|ndjson)$/i.test(path) ? 'jsonl' : 'csv'),
        filter: filter === undefined ? undefined : await customerFilter(filter),
        memberships: membership,
      });
      if (report) console.error(summary(path, report));
    });
}

/** Returns null if the reader of standard output has closed it. */
async function runExport(
  path: string,
  options: Omit<ExportOptions, 'currency' | 'progress' | 'signal'>,
): Promise<ExportReport | null> {
  try {
    return await onDatabase(async (dataSource, { currency }, { progress, signal }) =>
      exportCustomers(dataSource, await targetOf(path), { ...options, currency, progress, signal }),
    );
  } catch (error) {
    if (error === outputClosed) return null;
    throw error;
  }
}

const targetOf = async (path: string): Promise<ExportTarget> =>
  path === '-' ? streamTarget(process.stdout) : openFileTarget(path);

const list = (text: string, earlier: readonly string[]): string[] => [...earlier, text];

function level(text: string): number {
  const value = number(text);
  if (value >= 0.01 && value <= 0.99) return value;
  throw new InvalidArgumentError('It must be 0.01 to 0.99: 0.8 stands for 80 %.');
}

function summary(path: string, { customers, asOf, horizonDays, escapedTexts, seconds }: ExportReport): string {
  return [
    `${path === '-' ? 'written' : path}: ${counted(customers, 'customer')}, as of ${dayOf(asOf)}, ` +
      counted(horizonDays, 'day'),
    ...(escapedTexts > 0
      ? [`  ${counted(escapedTexts, 'text')} with a ' before what a spreadsheet would run; see --raw`]
      : []),
    `  ${seconds.toFixed(1)} s`,
  ].join('\n');
}
