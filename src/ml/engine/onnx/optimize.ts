import type { Graph } from './graph.js';

export function optimize(graph: Graph): Graph {
  return graph;
}
