import { sameShape } from '../shapes.js';
import type { Graph, GraphNode, Value, ValueType } from './graph.js';
import { GraphBuilder } from './graph-builder.js';

/** What a rule may ask and do. */
export interface Rewriting {
  /** Appends to the graph that is being rebuilt. */
  readonly graph: GraphBuilder;
  /** How many operands and outputs are this value. Unknown, hence infinite, for values made in the same pass. */
  uses(value: Value): number;
}

/** A node of one output that is about to be appended: its operands are rewritten already. */
export type Candidate = Omit<GraphNode, 'outputs'> & { readonly output: ValueType };

/**
 * One optimisation. It looks at a node and those that feed it, and returns what to use in place of the node's output, or undefined where
 * it does not apply. The numbers may differ by rounding only.
 */
export type Rule = (node: Candidate, rewriting: Rewriting) => Value | undefined;

/** Rebuilds the graph with the first rule that applies to each node, leaving out what no output needs. */
export function rewrite(graph: Graph, rules: readonly Rule[]): { graph: Graph; applied: number } {
  const builder = new GraphBuilder();
  const replaced = new Map<Value, Value>();
  const uses = new Map<Value, number>();
  const oldUses = countUses(graph);
  const replace = (old: Value, value: Value): Value => {
    replaced.set(old, value);
    uses.set(value, (uses.get(value) ?? 0) + (oldUses.get(old) ?? 0));
    return value;
  };
  const now = (old: Value): Value =>
    replaced.get(old) ?? replace(old, builder.constant(old.constant ?? { dense: [] }, old.shape, old.type));
  const rewriting: Rewriting = { graph: builder, uses: (value) => uses.get(value) ?? Infinity };

  for (const [name, value] of graph.inputs) replace(value, builder.input(name, value.shape, value.type));
  let applied = 0;
  for (const node of liveNodes(graph)) {
    const rewritten = { ...node, inputs: node.inputs.map(now) };
    const result = firstResult(rules, rewritten, rewriting);
    if (result !== undefined) applied += 1;
    const values = result === undefined ? appended(builder, rewritten) : [result];
    node.outputs.forEach((old, i) => replace(old, checked(values[i], old, node.op)));
  }
  return { graph: builder.finish(new Map([...graph.outputs].map(([name, value]) => [name, now(value)]))), applied };
}

/** Checks a rule's result: a changed type or shape would otherwise fail far away, inside the runtime. */
function checked(value: Value | undefined, old: Value, op: string): Value {
  if (value !== undefined && value.type === old.type && sameShape(value.shape, old.shape)) return value;
  throw new Error(`a rule replaced ${op}, of shape [${old.shape.join()}], by one of shape [${value?.shape.join()}]`);
}

/** Rules are tried on nodes of one output only. */
function firstResult(rules: readonly Rule[], node: GraphNode, rewriting: Rewriting): Value | undefined {
  const [output, ...others] = node.outputs;
  if (output === undefined || others.length > 0) return undefined;
  for (const rule of rules) {
    const result = rule({ ...node, output }, rewriting);
    if (result !== undefined) return result;
  }
  return undefined;
}

function appended(graph: GraphBuilder, { op, inputs, outputs, attributes, domain }: GraphNode): readonly Value[] {
  return graph.nodeOutputs(op, inputs, outputs, attributes, domain);
}

function countUses(graph: Graph): Map<Value, number> {
  const uses = new Map<Value, number>();
  for (const value of [...liveNodes(graph).flatMap((node) => node.inputs), ...graph.outputs.values()]) {
    uses.set(value, (uses.get(value) ?? 0) + 1);
  }
  return uses;
}

/** The nodes that some output depends on, in their order. */
function liveNodes(graph: Graph): GraphNode[] {
  const needed = new Set<Value>(graph.outputs.values());
  const live: GraphNode[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((value) => needed.has(value))) continue;
    live.push(node);
    for (const value of node.inputs) needed.add(value);
  }
  return live.toReversed();
}
