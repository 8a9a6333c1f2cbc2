/**
 * Element type inside a traced graph. `float` has 32 bits; `int64` exists only where an ONNX operator insists on it,
 * 8 bits only in quantised products.
 */
export type ElementType = 'float' | 'int32' | 'int64' | 'bool' | 'int8' | 'uint8';

/** A constant is either one number everywhere or a row-major list of numbers. */
export type Constant = { readonly splat: number } | { readonly dense: ArrayLike<number> };

/** The field names are those of ONNX's AttributeProto. */
export type Attribute = { i: number } | { f: number } | { s: string } | { ints: readonly number[] };
export type Attributes = Readonly<Record<string, Attribute>>;

/** What is known of a tensor before the graph runs: its static shape and its element type. */
export interface ValueType {
  readonly shape: readonly number[];
  readonly type: ElementType;
}

/** One tensor of the graph: an input, a constant or an output of a node. */
export interface Value extends ValueType {
  readonly id: number;
  /** Of an input of the graph. */
  readonly name?: string;
  readonly constant?: Constant;
  readonly producer?: GraphNode;
}

/** One ONNX operator applied to values. */
export interface GraphNode {
  readonly op: string;
  /** Empty for the ONNX standard, `com.microsoft` for ONNX Runtime's own operators. */
  readonly domain: string;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly attributes: Attributes;
}

/** A whole program, nodes in topological order. */
export interface Graph {
  readonly inputs: ReadonlyMap<string, Value>;
  readonly outputs: ReadonlyMap<string, Value>;
  readonly nodes: readonly GraphNode[];
}

/** Whether a flag among a node's attributes is set. */
export function isSet(attributes: Attributes, name: string): boolean {
  const flag = attributes[name];
  return flag !== undefined && 'i' in flag && flag.i === 1;
}

/** The number a value holds everywhere, if it is such a constant. */
export function splatOf(value: Value | undefined): number | undefined {
  return value?.constant !== undefined && 'splat' in value.constant ? value.constant.splat : undefined;
}
