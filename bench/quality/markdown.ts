import type { Advantage } from './verdicts.js';
import type { Summary } from './run-metrics.js';

export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(header), line(header.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

export type Show = (value: number) => string;

export const fixed =
  (digits: number): Show =>
  (value) =>
    // Without a sign on a zero.
    (Number(value.toFixed(digits)) + 0).toFixed(digits);
export const percent: Show = (value) => `${fixed(1)(100 * value)} %`;
/** As many digits as make sense for money of any size. */
export const money: Show = (value) => {
  const size = Math.abs(value);
  if (size >= 1e7) return value.toExponential(1);
  const digits = size < 1_000 ? 2 : 0;
  const rounded = Number(value.toFixed(digits)) + 0;
  return rounded.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
};

/** The mean over the seeds, and half the range where there are several. */
export function summaryText(summary: Summary | null, show: Show): string {
  if (!summary) return '';
  const { mean, lowest, highest, runs } = summary;
  return runs > 1 ? `${show(mean)} ±${show((highest - lowest) / 2)}` : show(mean);
}

/** With its 95 % interval; in bold where that leaves out 0. */
export function advantageText({ value, lower, upper }: Advantage, show: Show): string {
  if (!Number.isFinite(value)) return '';
  const signed: Show = (number) => (number > 0 ? `+${show(number)}` : show(number));
  const shown = lower > 0 || upper < 0 ? `**${signed(value)}**` : signed(value);
  return `${shown} (${signed(lower)} to ${signed(upper)})`;
}
