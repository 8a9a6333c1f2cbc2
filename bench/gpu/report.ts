import { markdownTable } from '../quality/markdown.js';
import { sizeTitles } from '../speed/engine/subject.js';
import type { Environment, Spread } from '../speed/results.js';
import type { Check } from './check.js';
import type { Target } from './devices.js';
import type { Measured } from './measure.js';

export interface TargetResult {
  readonly target: Target;
  readonly check: Check;
  /** Versions and device of the other side; empty where nothing was timed. */
  readonly peer: Readonly<Record<string, string>>;
  readonly lines: readonly Measured[];
}

/** One measurement, for a log. */
export function lineOf({ task, size, batch, length, variant, ours, theirs, ratio, difference }: Measured): string {
  return (
    `${task}, ${sizeTitles[size]}, batch ${batch}, length ${length}, PyTorch ${variant}: ${samples(ours)} against ` +
    `${samples(theirs)} samples/s, ${times(ratio)} times; difference ${difference.toExponential(1)}`
  );
}

/** The whole report as markdown. */
export function report(results: readonly TargetResult[], where: Environment, log: readonly string[]): string {
  const isReal = results.every(({ target }) => target.isReal);
  return [
    '# GPU',
    '<!-- Written by npm run bench:gpu -->',
    ...(isReal ? [] : ['**No GPU took part: WebGPU ran on software Vulkan. These are not figures of a GPU.**']),
    `${where.date.slice(0, 10)}, ${where.processor}, ${where.cores} cores, Node ${where.versions['node']}. Samples a ` +
      'second, medians with the lowest and the highest in brackets, both sides by turns in one run. A batch is ' +
      'uploaded, computed and its loss or its expected values are read, on either side; the tokenizer is not in it.',
    ...results.flatMap(section),
    '## Log',
    `\`\`\`text\n${log.join('\n')}\n\`\`\``,
    '',
  ].join('\n\n');
}

function section({ target, check, peer, lines }: TargetResult): string[] {
  return [
    `## ${target.device}: ${target.name}`,
    `Ours: ${check.description}. PyTorch: ${
      Object.entries(peer)
        .map((pair) => pair.join(' '))
        .join(', ') || 'not run'
    }.`,
    'Largest difference from the CPU, relative to the largest number of a tensor (TF32 off):',
    markdownTable(
      ['model', 'forward', 'gradients', '20 AdamW steps'],
      check.sizes.map(({ size, parity }) => [
        size,
        ...[parity.forward, parity.gradients, parity.training].map((number) => number.toExponential(1)),
      ]),
    ),
    markdownTable(
      ['task', 'model', 'batch × length', 'PyTorch', 'ours', 'theirs', 'ours / theirs', 'difference'],
      lines.map((line) => [
        line.task,
        sizeTitles[line.size],
        `${line.batch} × ${line.length}`,
        line.variant,
        samples(line.ours),
        samples(line.theirs),
        times(line.ratio),
        line.difference.toExponential(1),
      ]),
    ),
  ];
}

function samples({ median, lowest, highest }: Spread): string {
  return `${median.toFixed(0)} (${lowest.toFixed(0)} to ${highest.toFixed(0)})`;
}

function times({ median, lowest, highest }: Spread): string {
  return `${median.toFixed(2)} (${lowest.toFixed(2)} to ${highest.toFixed(2)})`;
}
