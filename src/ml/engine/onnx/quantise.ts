import type { HostTensor, Quantisation, Range } from '../engine.js';
import { type Graph, isSet, type Value } from './graph.js';
import type { GraphBuilder } from './graph-builder.js';
import { rewrite, type Candidate, type Rule } from './rewrite.js';

/** Activations are uint8; weights are int8 and symmetric. */
const activationLevels = 255;
const weightLevels = 127;

/** The product a Wᵀ + bias of activations and a weight of the program. */
interface Product {
  readonly a: Value;
  readonly name: string;
  readonly bias: Value | undefined;
}

function productOf({ op, attributes, inputs: [a, w, bias] }: Candidate): Product | undefined {
  if (op !== 'Gemm' || !a || !w?.name || isSet(attributes, 'transA') || !isSet(attributes, 'transB')) return undefined;
  return { a, name: w.name, bias };
}

/**
 * Adds two outputs for each weight: the least and the greatest number that it is multiplied with.
 * @param names of weights among the inputs
 */
export function observeProducts(graph: Graph, names: readonly string[]): Graph {
  if (names.length === 0) return graph;
  const observed = new Map<string, Value>();
  const observe: Rule = (node, { graph: builder }) => {
    const product = productOf(node);
    if (product && names.includes(product.name)) {
      const axes = builder.integers([0, 1]);
      for (const [place, op] of [
        ['lowest', 'ReduceMin'],
        ['highest', 'ReduceMax'],
      ] as const) {
        const type = { shape: [1], type: product.a.type };
        const extreme = builder.node(op, [product.a, axes], { shape: [1, 1], type: product.a.type });
        observed.set(`${place}:${product.name}`, builder.node('Reshape', [extreme, builder.integers([1])], type));
      }
    }
    return undefined;
  };
  const { graph: same } = rewrite(graph, [observe]);
  return { ...same, outputs: new Map([...same.outputs, ...observed]) };
}

/**
 * Computes the products with these weights in 8-bit integers. Activations have one scale, fixed by the ranges, so that a customer's
 * prediction does not depend on the rest of the batch; weights have a scale for each column. The weights become constants, which the
 * runtime packs once.
 */
export function quantiseProducts(graph: Graph, { weights, ranges }: Quantisation): Graph {
  const quantise: Rule = (node, { graph: builder }) => {
    const product = productOf(node);
    const [weight, range] = product ? [weights[product.name], ranges[product.name]] : [];
    if (!product || !weight || !range) return undefined;
    return quantisedProduct(builder, product, weight, range);
  };
  const { graph: quantised } = rewrite(graph, [quantise]);
  return { ...quantised, inputs: new Map([...quantised.inputs].filter(([name]) => !weights[name])) };
}

function quantisedProduct(graph: GraphBuilder, { a, bias }: Product, weight: HostTensor, range: Range): Value {
  const [columns, depth] = weight.shape as [number, number];
  const { scale, zero } = activationScale(range);
  const aScale = graph.splat(scale, [], 'float');
  const aZero = graph.splat(zero, [], 'uint8');
  const quantised = graph.node('QuantizeLinear', [a, aScale, aZero], { shape: a.shape, type: 'uint8' });
  const { integers, scales } = quantisedWeight(weight);
  const inputs = [
    quantised,
    graph.constant({ dense: integers }, [depth, columns], 'int8'),
    aScale,
    graph.constant({ dense: scales }, [columns], 'float'),
    aZero,
    graph.splat(0, [], 'int8'),
    ...(bias ? [bias] : []),
  ];
  const output = { shape: [a.shape[0] ?? 1, columns], type: a.type };
  return graph.node('MatMulIntegerToFloat', inputs, output, {}, 'com.microsoft');
}

/** A level stands for the number (level - zero) scale. 0 is represented exactly. */
function activationScale([lowest, highest]: Range): { scale: number; zero: number } {
  const from = Math.min(lowest, 0);
  const scale = (Math.max(highest, 0) - from) / activationLevels || 1;
  return { scale, zero: Math.round(-from / scale) };
}

/** [out, in] as integers [in, out], each column of its own scale. */
function quantisedWeight({ shape, data }: HostTensor): { integers: Int8Array; scales: Float32Array } {
  const [columns, depth] = shape as [number, number];
  const integers = new Int8Array(columns * depth);
  const scales = new Float32Array(columns);
  for (let column = 0; column < columns; column++) {
    const first = column * depth;
    let largest = 0;
    for (let i = 0; i < depth; i++) largest = Math.max(largest, Math.abs(data[first + i]!));
    const scale = largest / weightLevels || 1;
    scales[column] = scale;
    for (let i = 0; i < depth; i++) integers[i * columns + column] = Math.round(data[first + i]! / scale);
  }
  return { integers, scales };
}
