import { channel } from 'node:diagnostics_channel';

/** An engine that is ready. */
export interface EngineStart {
  readonly description: string;
  /** Devices that `auto` would have preferred but that failed, and why. */
  readonly refused: readonly string[];
}

/** Which nodes of a program ran where in its first run, as ONNX Runtime's profiler recorded it. */
export interface Placement {
  /** The engine's description. */
  readonly engine: string;
  /** Nodes of each execution provider, copies included, e.g. `{ WebGpuExecutionProvider: 412 }`. */
  readonly nodes: Readonly<Record<string, number>>;
  /** Operators that ran on the CPU although the device is another, with the number of their nodes. */
  readonly onCpu: Readonly<Record<string, number>>;
  /** Copies between the device's memory and Node's within one run. */
  readonly copies: number;
}

/** Gets an `EngineStart` from each onnx engine. */
export const engineStarts = channel('clvgraph:engine-start');
/** Gets the `Placement` of each program that an accelerator has run for the first time. */
export const placements = channel('clvgraph:placement');
