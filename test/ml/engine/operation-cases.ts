import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { floats, ints, type Inputs } from './support.js';

/** One operation with operands that avoid its kinks, where a finite difference would mean nothing. */
interface OperationCase {
  readonly name: string;
  readonly inputs: Inputs;
  readonly fn: (inputs: Record<string, Tensor>) => Tensor;
}

type Fn = OperationCase['fn'];

function unaryCase(name: string, op: (x: Tensor) => Tensor, low = -2, high = 2): OperationCase {
  return { name, inputs: { x: floats([2, 3, 4], low, high) }, fn: ({ x }) => op(x!) };
}

function xCase(name: string, shape: number[], op: (x: Tensor) => Tensor): OperationCase {
  return { name, inputs: { x: floats(shape) }, fn: ({ x }) => op(x!) };
}

function binaryCases(name: string, op: (a: Tensor, b: Tensor) => Tensor, low = -2, high = 2): OperationCase[] {
  const shapes: [string, number[], number[]][] = [
    ['same shape', [2, 3], [2, 3]],
    ['row broadcast', [2, 3], [3]],
    ['column broadcast', [2, 1], [1, 3]],
    ['scalar', [2, 3], []],
  ];
  return shapes.map(([kind, a, b]) => ({
    name: `${name}, ${kind}`,
    inputs: { a: floats(a, low, high, 1), b: floats(b, low, high, 5) },
    fn: ({ a: x, b: y }) => op(x!, y!),
  }));
}

function comparison(name: string, op: (a: Tensor, b: Tensor) => Tensor): OperationCase {
  const fn: Fn = ({ a, b }) => tf.cast(op(a!, b!), 'float32');
  return { name, inputs: { a: ints([4], [1, 2, 3, 4]), b: ints([4], [2, 2, 2, 4]) }, fn };
}

function matMulCase(a: number[], b: number[], transposeA: boolean, transposeB: boolean): OperationCase {
  return {
    name: `matMul [${a.join()}]${transposeA ? "'" : ''} [${b.join()}]${transposeB ? "'" : ''}`,
    inputs: { a: floats(a), b: floats(b, -2, 2, 3) },
    fn: ({ a: x, b: y }) => tf.matMul(x!, y!, transposeA, transposeB),
  };
}

const elementwise: OperationCase[] = [
  unaryCase('neg', tf.neg),
  unaryCase('exp', tf.exp),
  unaryCase('log', tf.log, 0.2, 3),
  unaryCase('rsqrt', tf.rsqrt, 0.2, 3),
  unaryCase('square', tf.square),
  unaryCase('sigmoid', tf.sigmoid),
  unaryCase('tanh', tf.tanh),
  unaryCase('relu', tf.relu),
  unaryCase('softplus', tf.softplus, -20, 20),
  unaryCase('clipByValue', (x) => tf.clipByValue(x, -1, 0.5)),
  unaryCase('softmax', (x) => tf.softmax(x)),
  unaryCase('logSoftmax', (x) => tf.logSoftmax(x)),
];

const binary: OperationCase[] = [
  ...binaryCases('add', tf.add),
  ...binaryCases('sub', tf.sub),
  ...binaryCases('mul', tf.mul),
  ...binaryCases('div', tf.div, 0.5, 2),
  ...binaryCases('minimum', tf.minimum),
];

const reductions: OperationCase[] = [
  xCase('sum of all', [2, 3, 4], (x) => tf.sum(x)),
  xCase('sum over no axis', [2, 3], (x) => tf.sum(x, [])),
  xCase('sum over the middle', [2, 3, 4], (x) => tf.sum(x, 1)),
  xCase('sum over two, kept', [2, 3, 4], (x) => tf.sum(x, [0, 2], true)),
  xCase('mean of all', [2, 3, 4], (x) => tf.mean(x)),
  xCase('mean over the last, kept', [2, 3, 4], (x) => tf.mean(x, -1, true)),
];

const shapes: OperationCase[] = [
  xCase('reshape', [2, 6], (x) => tf.reshape(x, [3, -1])),
  xCase('expandDims', [2, 3], (x) => tf.expandDims(x, -1)),
  xCase('squeeze', [2, 1, 3], (x) => tf.squeeze(x, [1])),
  xCase('transpose', [2, 3, 4], (x) => tf.transpose(x, [2, 0, 1])),
  xCase('slice', [3, 4], (x) => tf.slice(x, [1, 0], [-1, 2])),
  xCase('slice of everything', [3, 4], (x) => tf.slice(x, [0, 0], [3, 4])),
  xCase('concat', [2, 3], (x) => tf.concat([x, tf.square(x), tf.ones([2, 1])], 1)),
];

const indexing: OperationCase[] = [
  {
    name: 'gather rows, some twice',
    inputs: { x: floats([5, 3]), ids: ints([2, 3], [0, 4, 4, 1, 4, 0]) },
    fn: ({ x, ids }) => tf.gather(x!, ids as tf.Tensor2D),
  },
];

const matMul: OperationCase[] = [
  matMulCase([2, 3], [3, 4], false, false),
  matMulCase([3, 2], [3, 4], true, false),
  matMulCase([2, 3], [4, 3], false, true),
  matMulCase([3, 2], [4, 3], true, true),
  matMulCase([2, 2, 3], [2, 3, 4], false, false),
  matMulCase([2, 3, 2], [2, 4, 3], true, true),
  matMulCase([2, 2, 2, 3], [2, 2, 4, 3], false, true),
  matMulCase([2, 2, 3], [1, 3, 4], false, false),
];

/** Of these kernels no program takes the gradient. */
const withoutGradient: OperationCase[] = [
  unaryCase('sqrt', tf.sqrt, 0.2, 3),
  unaryCase('cos', tf.cos),
  unaryCase('erf', tf.erf),
  unaryCase('clone', (x) => tf.clone(x)),
  unaryCase('cast to int and back', (x) => tf.mul(x, tf.cast(tf.cast(x, 'int32'), 'float32'))),
  unaryCase('zerosLike', (x) => tf.add(x, tf.zerosLike(x))),
  ...binaryCases('maximum', tf.maximum),
  comparison('greater', tf.greater),
  comparison('greaterEqual', tf.greaterEqual),
  comparison('lessEqual', tf.lessEqual),
  comparison('logicalAnd', (a, b) => tf.logicalAnd(tf.greater(a, 1), tf.lessEqual(b, 3))),
  {
    name: 'where, condition of the inputs',
    inputs: { a: floats([2, 3]), b: floats([3], -2, 2, 9) },
    fn: ({ a, b }) => tf.where(tf.greater(a!, 0), tf.square(a!), b!),
  },
  xCase('max over the last', [2, 3, 4], (x) => tf.max(x, -1)),
  xCase('max over the first, kept', [2, 3, 4], (x) => tf.max(x, 0, true)),
  xCase('tile', [2, 3], (x) => tf.tile(x, [2, 3])),
  xCase('tile of single elements', [2, 1, 3], (x) => tf.tile(x, [1, 4, 1])),
  xCase('tile of a single row', [1, 3], (x) => tf.tile(x, [4, 2])),
  xCase('broadcastTo', [2, 1], (x) => tf.broadcastTo(x, [3, 2, 4])),
  xCase('pad', [2, 3], (x) =>
    tf.pad(
      x,
      [
        [1, 0],
        [2, 1],
      ],
      0.5,
    ),
  ),
  xCase('split evenly', [2, 6], (x) => tf.mul(tf.split(x, 2, 1)[0]!, tf.split(x, 2, 1)[1]!)),
  xCase('split by sizes, one unused', [2, 6], (x) => tf.split(x, [1, 3, 2], -1)[1]!),
  {
    name: 'unsortedSegmentSum',
    inputs: { x: floats([5, 2]), ids: ints([5], [2, 0, 2, 2, 1]) },
    fn: ({ x, ids }) => tf.unsortedSegmentSum(x!, ids as tf.Tensor1D, 4),
  },
];

export const differentiableCases: OperationCase[] = [
  ...elementwise,
  ...binary,
  ...reductions,
  ...shapes,
  ...indexing,
  ...matMul,
];

export const operationCases: OperationCase[] = [...differentiableCases, ...withoutGradient];
