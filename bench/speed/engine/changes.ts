import { markdownTable } from '../../quality/markdown.js';

/**
 * Each change with the figure before and after it, noted when it was made: sum of the operators' times in one step on
 * one thread, by ONNX Runtime's profiler (the 20th percentile of each operator over 12 steps or more), built-in base,
 * 64 text tokens; batch 32 for training, 64 for scoring.
 */
const noted: readonly (readonly string[])[] = [
  [
    'layer normalisation not fused with the sum before it (ONNX Runtime’s fused operator is slower than the two)',
    'scoring',
    '101',
    '88',
  ],
  [
    'gradients of products transpose the smaller operand instead of reading the left one across its rows; the runtime does not undo it',
    'training',
    '152',
    '147',
  ],
  ['the last layer computes only the positions that are pooled', 'training', '147', '119'],
  ['the last layer computes only the positions that are pooled', 'scoring', '88', '75'],
  [
    'GELU’s derivative written down; factors of activations moved to the smallest tensor of the next product',
    'training',
    '119',
    '109',
  ],
  ['the factors as Gemm’s alpha instead (not kept: the product then takes twice as long)', 'training', '119', '119'],
];

export const changes = [
  'Each change with the time of one step before and after it: sum of the operators’ times on one thread, built-in base, 64 tokens, ' +
    'by ONNX Runtime’s profiler.',
  markdownTable(['change', 'program', 'before, ms', 'after, ms'], noted),
  'Two threads, by the wall’s clock on an idle machine, samples/s: linear layers in 8-bit integers, built-in base 2,488 to 4,366 (32 tokens), ' +
    '1,712 to 2,998 (64), 1,047 to 1,775 (128), MiniLM’s size 110 to 294, 68 to 189, 41 to 110; the 99th percentile of the ' +
    'relative change of the predictions 0.6 to 1.0 % with a random head. Threads that wait spin for 50 µs: training, built-in base, 32 tokens, 531 to ' +
    '560. Only the words of the batch in AdamW: training, MiniLM’s size, 32 tokens, 27.5 to 31.0; their rows given to each step instead of ' +
    'gathered inside it: 28.8 to 33.7, built-in base 612 to 719. Explanations, the two ends of each path read once and without gradients, in batches that fit: built-in base ' +
    '102 to 116 customers/s (32 tokens), 72 to 83 (64), MiniLM’s size 4.9 to 5.6, 3.1 to 3.6. ' +
    'Batches whose widest activation has 5 MB a thread, where 64 rows went together: scoring at MiniLM’s size, float32, 111 to 119 (32), 71 to 83 (64), ' +
    '41 to 51 (128), explanations 5.6 to 6.2, 3.6 to 4.2, 1.9 to 2.5. Memory given back when a tensor is disposed of: peak of a fine-tune ' +
    '1,453 to 1,341 MB at MiniLM’s size, built-in base 355 to 323. ' +
    'The encoder read at one position, whose layer makes no keys and values ([decision 123](../decisions.md#d123)): scoring by the built-in ' +
    'base in 8-bit integers, 64 tokens, one thread, 1,730 to 2,331 and 1,779 to 2,398 customers/s without the tokenizer. What was measured ' +
    'before 2026-11-30 is of the encoder before that.',
].join('\n\n');
