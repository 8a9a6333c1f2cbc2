import type { Attributes, Constant, ElementType, Graph, GraphNode, Value, ValueType } from './graph.js';

const longestSharedConstant = 64;

/**
 * Appends nodes to a graph. Every operator here is a pure function, so a node that repeats an earlier one
 * (same operator, operands and attributes) is answered with the earlier one's outputs.
 */
export class GraphBuilder {
  private readonly nodes: GraphNode[] = [];
  private readonly inputs = new Map<string, Value>();
  private readonly known = new Map<string, readonly Value[]>();
  private readonly constants = new Map<string, Value>();
  private nextId = 0;

  input(name: string, shape: readonly number[], type: ElementType): Value {
    const value: Value = { id: this.nextId++, name, shape, type };
    this.inputs.set(name, value);
    return value;
  }

  /** A constant with the same number everywhere. */
  splat(number: number, shape: readonly number[], type: ElementType): Value {
    return this.constant({ splat: number }, shape, type);
  }

  /** A constant of row-major numbers. If they are all alike it becomes a splat, since broadcasting a scalar is faster. */
  dense(numbers: ArrayLike<number>, shape: readonly number[], type: ElementType): Value {
    const first = numbers[0];
    if (first !== undefined && type !== 'int64' && isUniform(numbers, first)) return this.splat(first, shape, type);
    return this.constant({ dense: numbers }, shape, type);
  }

  /** A list of int64, for operators that take shapes, axes and the like as inputs. */
  integers(numbers: readonly number[]): Value {
    return this.dense(numbers, [numbers.length], 'int64');
  }

  /** Appends a node with several outputs. */
  nodeOutputs(
    op: string,
    inputs: readonly Value[],
    outputs: readonly ValueType[],
    attributes: Attributes,
    domain = '',
  ): readonly Value[] {
    const key = `${domain}:${op}(${inputs.map((value) => value.id).join()})${JSON.stringify(attributes)}`;
    const earlier = this.known.get(key);
    if (earlier !== undefined) return earlier;
    const values: Value[] = [];
    const node: GraphNode = { op, domain, inputs, outputs: values, attributes };
    for (const { shape, type } of outputs) values.push({ id: this.nextId++, shape, type, producer: node });
    this.nodes.push(node);
    this.known.set(key, values);
    return values;
  }

  /** Appends a node with one output. */
  node(op: string, inputs: readonly Value[], output: ValueType, attributes: Attributes = {}, domain = ''): Value {
    const [value] = this.nodeOutputs(op, inputs, [output], attributes, domain);
    if (value === undefined) throw new Error(`${op} gave no output`);
    return value;
  }

  finish(outputs: ReadonlyMap<string, Value>): Graph {
    return { inputs: this.inputs, outputs, nodes: this.nodes };
  }

  /** A constant. Short and uniform ones that are alike are stored once. */
  constant(constant: Constant, shape: readonly number[], type: ElementType): Value {
    const isShort = 'splat' in constant || constant.dense.length <= longestSharedConstant;
    if (!isShort) return { id: this.nextId++, shape, type, constant };
    const content = 'splat' in constant ? `${spelled(constant.splat)}*` : Array.from(constant.dense, spelled).join();
    const key = `${type}[${shape.join()}]${content}`;
    const earlier = this.constants.get(key);
    if (earlier !== undefined) return earlier;
    const value: Value = { id: this.nextId++, shape, type, constant };
    this.constants.set(key, value);
    return value;
  }
}

/** Distinguishes -0 from 0, which `String` does not. */
function spelled(number: number): string {
  return Object.is(number, -0) ? '-0' : String(number);
}

function isUniform(numbers: ArrayLike<number>, first: number): boolean {
  for (let i = 1; i < numbers.length; i++) if (!Object.is(numbers[i], first)) return false;
  return true;
}
