import { markdownTable } from '../../quality/markdown.js';
import { readResults, type Spread } from '../results.js';
import { optimizerBytes, stepFloor, forwardOperations } from './floor.js';
import type { EngineResults, MeasuredLine } from './measures.js';
import { changes } from './changes.js';
import { batchSize, sizeTitles } from './subject.js';

const kindTitles: Readonly<Record<MeasuredLine['kind'], string>> = {
  training: 'Training, samples/s',
  scoring: 'Scoring, narrative to prediction, tokenizer included, customers/s',
  explaining: 'Explaining, customers/s at equal quadrature steps (Captum LayerIntegratedGradients)',
  cold: 'Cold process to first prediction, s',
  memory: 'Peak resident memory of a full fine-tune, MB',
};
/** What the ratio, ours over theirs, should be. */
const goals: Readonly<Record<MeasuredLine['kind'], string>> = {
  training: 'goal: at least 1.0 against eager, 1.3 somewhere',
  scoring: 'goal against the pipeline: at least 1.3 without quantisation, 3 with',
  explaining: 'goal: at least 1.0',
  cold: 'goal: at most 0.5',
  memory: 'goal: at most 1.0',
};
const kinds = Object.keys(kindTitles) as MeasuredLine['kind'][];
const peerNames: Readonly<Record<string, string>> = {
  pipeline: 'transformers’ Pipeline, float32',
  eager: 'eager, float32',
  bfloat16: 'autocast to bfloat16',
  compile: 'torch.compile',
  sorted: 'eager, float32, batches sorted by length',
};

const number = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));
const spread = ({ median, lowest, highest }: Spread, unit = 1): string =>
  `${number(median / unit)} (${number(lowest / unit)} to ${number(highest / unit)})`;

export async function section(): Promise<string> {
  const results = await readResults<EngineResults>('engine');
  if (!results) return '## Engine\n\nNot measured yet: `npm run bench:speed -- engine`.';
  const { versions, processor, cores } = results.environment;
  return [
    '## Engine',
    `Our engine (ONNX Runtime ${versions['onnxruntime']}) beside PyTorch ${versions['torch']}, transformers ${versions['transformers']}, peft ` +
      `${versions['peft']} and Captum ${versions['captum']}; Node ${versions['node']}, Python ${versions['python']}; ` +
      `${processor}, ${cores} cores.`,
    'Both sides have the same weights and read the same narratives, with 40 numeric tokens each, in batches of ' +
      `${batchSize} for training. The peer is Hugging Face's \`BertModel\` with its default attention (sdpa), fused AdamW, ` +
      '`inference_mode` where nothing is trained, no dropout on either side, and the threads that PyTorch is told to use. ' +
      "That the losses of the first steps and the predictions agree is part of the measurement; the largest relative difference stands in the last column. MiniLM's " +
      'size has random weights.',
    'Our step changes only those rows of the word table whose words the batch has; the peer’s dense AdamW, the ' +
      'one that `BertModel` gets by default, moves all of them.',
    'A round counts where other processes had at most 4 % of the cores. Where too few such rounds came in ten tries or a minute, the ' +
      "quietest five count, and the column *others* says how much of the cores others had: PyTorch's threads wait for " +
      'each other by spinning and lose far more to a busy core than ours, so that such ratios flatter us.',
    'Two clocks: *wall* has two threads on each side. *processor* has one thread on each side and counts the processor time that ' +
      'the process takes, as samples a processor second: it says how much work a side has to do, and others on the ' +
      'machine hardly change it, so that it is the one to trust where the column *others* is not near 0.',
    ...kinds.flatMap((kind) => tableOf(kind, results)),
    ...floorSection(results),
    '### What made the difference',
    changes,
  ].join('\n\n');
}

function tableOf(kind: MeasuredLine['kind'], results: EngineResults): string[] {
  const lines = results.lines.filter((line) => line.kind === kind);
  if (lines.length === 0) return [`### ${kindTitles[kind]}`, 'Not measured yet.'];
  const rows = lines.map((line) => [
    sizeTitles[line.size],
    String(line.length),
    line.clock,
    'strategy' in line ? line.strategy : '',
    'precision' in line ? line.precision : '',
    'variant' in line ? (peerNames[line.variant] ?? line.variant) : '',
    ...figuresOf(line),
  ]);
  const header = [
    'size',
    'tokens',
    'clock',
    'trained',
    'precision',
    'peer run',
    'ours',
    'theirs',
    'ours / theirs',
    'others',
    'difference',
  ];
  // Columns that this kind has nothing for are left out.
  const used = header.map((_, column) => rows.some((row) => row[column] !== ''));
  const kept = (row: readonly string[]): string[] => row.filter((_, column) => used[column]);
  const dates = [...new Set(lines.map(({ date }) => date.slice(0, 10)))].toSorted().join(', ');
  const about = `Ratio: ${goals[kind]}. Measured on ${dates}.`;
  return [`### ${kindTitles[kind]}`, about, markdownTable(kept(header), rows.map(kept))];
}

function figuresOf(line: MeasuredLine): string[] {
  const { result } = line;
  if (!result) return ['', '', `no figure: ${line.failed}`, '', ''];
  const unit = line.kind === 'memory' ? 1_000_000 : 1;
  const difference =
    'lossDifference' in result
      ? result.lossDifference
      : 'valueDifference' in result
        ? result.valueDifference
        : undefined;
  return [
    spread(result.ours, unit),
    spread(result.theirs, unit),
    spread(result.ratio),
    'othersShare' in result ? `${(100 * result.othersShare).toFixed(0)} %` : '',
    difference === undefined ? '' : difference.toExponential(0),
  ];
}

function floorSection({ floor, parameters, encoders, lines }: EngineResults): string[] {
  if (!floor) return ['### The floor', 'Not measured yet.'];
  const giga = (value: number): string => (value / 1e9).toFixed(0);
  const rows = lines.flatMap((line) => {
    const [count, encoder] = [parameters[line.size], encoders[line.size]];
    if (line.kind !== 'training' || line.strategy !== 'FULL' || line.variant !== 'eager' || line.clock !== 'wall')
      return [];
    if (!line.result || count === undefined || encoder === undefined) return [];
    const least = stepFloor(encoder, line.length, count, floor);
    const measured = batchSize / line.result.ours.median;
    return [
      [
        sizeTitles[line.size],
        String(line.length),
        ((3 * batchSize * forwardOperations(encoder, line.length)) / 1e9).toFixed(1),
        (optimizerBytes(encoder, count) / 1e9).toFixed(2),
        (1_000 * least).toFixed(0),
        (1_000 * measured).toFixed(0),
        (measured / least).toFixed(2),
      ],
    ];
  });
  return [
    '### The floor',
    `A product of two 2048 x 2048 matrices in float32 reaches ${giga(floor.flops.ours)} GFLOP/s in ours and ` +
      `${giga(floor.flops.theirs)} in PyTorch; a copy moves ${giga(floor.bytesPerSecond)} GB/s. Under a training step lie ` +
      'three times the products of a forward pass over all positions, at the higher of the two rates, and the bytes ' +
      'that AdamW must move for the words that a batch has and for everything else, at the copy’s. (Ours leaves out part of those products: ' +
      'the last layer computes one position, and no keys and values.)',
    markdownTable(
      ['size', 'tokens', 'GFLOP a step', 'GB of AdamW', 'floor, ms', 'measured, ms', 'measured / floor'],
      rows,
    ),
  ];
}
