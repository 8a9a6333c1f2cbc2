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
  'Not done yet: quantised scoring. Noted beforehand, one thread: ONNX Runtime’s `DynamicQuantizeMatMul` with int8 weights a channel takes ' +
    'between 0.22 and 0.46 times as long as the float32 product at the shapes of both sizes, and each product is off by ' +
    '0.55 % (root mean square); `MatMulNBits` with 8 bits 0.44 to 1.2 times. Whether predictions stay within 1 % was not measured.',
].join('\n\n');
