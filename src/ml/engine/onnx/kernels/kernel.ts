import type { KernelConfig, NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';
import type { Value } from '../graph.js';
import type { GraphBuilder } from '../graph-builder.js';
import { traceBackendName, type TraceBackend } from '../trace-backend.js';

/** One call of a kernel, with its operands as values of the graph. */
class KernelCall {
  constructor(
    readonly graph: GraphBuilder,
    private readonly inputs: Readonly<Record<string, Value>>,
    private readonly attributes: NamedAttrMap,
  ) {}

  input(name: string): Value {
    const value = this.inputs[name];
    if (value === undefined) throw new Error(`the kernel has no input named ${name}`);
    return value;
  }

  /** All operands in order, for kernels that take a list. */
  list(): Value[] {
    return Object.values(this.inputs);
  }

  number(name: string): number {
    return Number(this.attributes[name]);
  }

  flag(name: string): boolean {
    return Boolean(this.attributes[name]);
  }

  text(name: string): string {
    return String(this.attributes[name]);
  }

  /** A number, a list of numbers or nothing at all: how TensorFlow.js spells axes and sizes. */
  numbers(name: string): number | number[] {
    return this.attributes[name] as number | number[];
  }

  /** A list of (before, after), for paddings. */
  pairs(name: string): [number, number][] {
    return this.attributes[name] as [number, number][];
  }
}

type Emit = (call: KernelCall) => Value | readonly Value[];

/** Registers as one kernel of the tracing backend. */
export function kernel(kernelName: string, emit: Emit): KernelConfig {
  return {
    kernelName,
    backendName: traceBackendName,
    kernelFunc: ({ inputs, attrs, backend }): TensorInfo | TensorInfo[] => {
      const trace = backend as TraceBackend;
      const call = new KernelCall(trace.graph, valuesOf(trace, inputs), attrs ?? {});
      const result = emit(call);
      return isList(result) ? result.map((value) => trace.tensorInfo(value)) : trace.tensorInfo(result);
    },
  };
}

function isList(result: Value | readonly Value[]): result is readonly Value[] {
  return Array.isArray(result);
}

function valuesOf(trace: TraceBackend, inputs: NamedTensorInfoMap): Record<string, Value> {
  const values: Record<string, Value> = {};
  for (const [name, info] of Object.entries(inputs)) if (info !== undefined) values[name] = trace.valueBehind(info);
  return values;
}
