import onnxProto from 'onnx-proto';
import { sizeOf } from '../shapes.js';
import {
  type Attribute,
  type Constant,
  type ElementType,
  type Graph,
  type GraphNode,
  splatOf,
  type Value,
} from './graph.js';
import { onnxType } from './operators.js';

const { onnx } = onnxProto;

/** Operator set of the ONNX standard that the kernels are written for. */
export const opset = 20;
export const irVersion = 9;
/** Uniform constants longer than this are written as ConstantOfShape, which keeps them out of the file. */
const longestWrittenSplat = 64;

/** Graph inputs and outputs live in one name space, and a training step gives weights back under their own names. */
export const inputName = (name: string): string => `in:${name}`;
export const outputName = (name: string): string => `out:${name}`;

/** The graph as an ONNX model file in memory. */
export function serialize(graph: Graph): Uint8Array {
  const names = new Map<Value, string>();
  for (const [name, value] of graph.inputs) names.set(value, inputName(name));
  const aliases: onnxProto.onnx.INodeProto[] = [];
  for (const [name, value] of graph.outputs) {
    // A value can have only one name: an Identity gives an input, a constant or a second output another one.
    if (value.producer !== undefined && !names.has(value)) names.set(value, outputName(name));
    else aliases.push({ opType: 'Identity', input: [nameOf(names, value)], output: [outputName(name)] });
  }
  const constants = [...constantsOf(graph)];
  const model = onnx.ModelProto.create({
    irVersion,
    opsetImport: [
      { domain: '', version: opset },
      { domain: 'com.microsoft', version: 1 },
    ],
    graph: {
      name: 'traced',
      input: [...graph.inputs].map(([name, value]) => valueInfo(inputName(name), value)),
      output: [...graph.outputs].map(([name, value]) => valueInfo(outputName(name), value)),
      initializer: constants.flatMap((value) => initializers(nameOf(names, value), value)),
      node: [
        ...constants.filter(isLongSplat).map((value) => filled(nameOf(names, value), value)),
        ...graph.nodes.map((node) => nodeProto(names, node)),
        ...aliases,
      ],
    },
  });
  return onnx.ModelProto.encode(model).finish();
}

function nameOf(names: ReadonlyMap<Value, string>, value: Value): string {
  return names.get(value) ?? `v${value.id}`;
}

function constantsOf(graph: Graph): Set<Value> {
  const used = [...graph.nodes.flatMap((node) => node.inputs), ...graph.outputs.values()];
  return new Set(used.filter((value) => value.constant !== undefined));
}

function nodeProto(names: ReadonlyMap<Value, string>, node: GraphNode): onnxProto.onnx.INodeProto {
  return {
    opType: node.op,
    domain: node.domain,
    input: node.inputs.map((value) => nameOf(names, value)),
    output: node.outputs.map((value) => nameOf(names, value)),
    attribute: Object.entries(node.attributes).map(([name, attribute]) => attributeProto(name, attribute)),
  };
}

function attributeProto(name: string, attribute: Attribute): onnxProto.onnx.IAttributeProto {
  const { AttributeType } = onnx.AttributeProto;
  if ('i' in attribute) return { name, type: AttributeType.INT, i: attribute.i };
  if ('f' in attribute) return { name, type: AttributeType.FLOAT, f: attribute.f };
  if ('s' in attribute) return { name, type: AttributeType.STRING, s: Buffer.from(attribute.s) };
  return { name, type: AttributeType.INTS, ints: [...attribute.ints] };
}

function valueInfo(name: string, value: Value): onnxProto.onnx.IValueInfoProto {
  const shape = { dim: value.shape.map((length) => ({ dimValue: length })) };
  return { name, type: { tensorType: { elemType: onnxType(value.type), shape } } };
}

function isLongSplat(value: Value): boolean {
  return splatOf(value) !== undefined && sizeOf(value.shape) > longestWrittenSplat;
}

/** What the file holds of a constant: its numbers, or the shape that its ConstantOfShape node reads. */
function initializers(name: string, value: Value): onnxProto.onnx.ITensorProto[] {
  if (isLongSplat(value)) return [tensor(`${name}:shape`, { dense: value.shape }, [value.shape.length], 'int64')];
  return value.constant === undefined ? [] : [tensor(name, value.constant, value.shape, value.type)];
}

function filled(name: string, value: Value): onnxProto.onnx.INodeProto {
  const number = tensor('value', { splat: splatOf(value) ?? 0 }, [1], value.type);
  return {
    opType: 'ConstantOfShape',
    input: [`${name}:shape`],
    output: [name],
    attribute: [{ name: 'value', type: onnx.AttributeProto.AttributeType.TENSOR, t: number }],
  };
}

function tensor(
  name: string,
  constant: Constant,
  shape: readonly number[],
  type: ElementType,
): onnxProto.onnx.ITensorProto {
  const numbers = numbersOf(constant, sizeOf(shape));
  return {
    name,
    dims: [...shape],
    dataType: onnxType(type),
    rawData: bytesOf(numbers, type),
  };
}

function numbersOf(constant: Constant, size: number): ArrayLike<number> {
  return 'splat' in constant ? new Float64Array(size).fill(constant.splat) : constant.dense;
}

/** Little-endian bytes, as ONNX wants them and every platform of Node has them. */
function bytesOf(numbers: ArrayLike<number>, type: ElementType): Uint8Array {
  const array = typedArray(numbers, type);
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function typedArray(numbers: ArrayLike<number>, type: ElementType): ArrayBufferView<ArrayBuffer> {
  switch (type) {
    case 'float':
      return Float32Array.from(numbers);
    case 'int32':
      return Int32Array.from(numbers);
    case 'int64':
      return BigInt64Array.from(Array.from(numbers, BigInt));
    case 'int8':
      return Int8Array.from(numbers);
    case 'bool':
    case 'uint8':
      return Uint8Array.from(numbers);
  }
}
