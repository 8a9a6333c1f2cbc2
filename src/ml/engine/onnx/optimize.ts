import type { Graph } from './graph.js';
import { rewrite, type Rule } from './rewrite.js';
import { biasInGemm } from './rules/bias-in-gemm.js';
import { foldConstants } from './rules/fold-constants.js';
import { mergeReshapes } from './rules/merge-reshapes.js';
import { mergeTransposes } from './rules/merge-transposes.js';
import { narrowElementwise } from './rules/narrow-elementwise.js';
import { neutralOperand } from './rules/neutral-operand.js';
import { fuseGelu } from './rules/fuse-gelu.js';
import { fuseLayerNorm } from './rules/fuse-layer-norm.js';
import { liftScalarFactors, mergeScalarFactors, scaleAfterSum } from './rules/scalar-factors.js';
import { scaleBeforeGemm, scaleOfGemm } from './rules/scale-in-gemm.js';
import { signs } from './rules/signs.js';
import { transposeInGemm } from './rules/transpose-in-gemm.js';

/** Fewer operators, and operators that the runtime has as one. */
const structureRules: readonly Rule[] = [
  foldConstants,
  neutralOperand,
  narrowElementwise,
  mergeReshapes,
  mergeTransposes,
  fuseGelu,
  fuseLayerNorm,
  mergeScalarFactors,
  liftScalarFactors,
  scaleAfterSum,
  signs,
  transposeInGemm,
  biasInGemm,
];

/** Run after the others, since these remove factors that the rules above look for. */
const scaleRules: readonly Rule[] = [scaleOfGemm, scaleBeforeGemm];

/** Each pass exposes work to the next; a training step settles after four or five. */
const mostPasses = 12;

/**
 * Rewrites the graph into fewer and cheaper nodes. ONNX Runtime's own optimisations come on top of these.
 * @param change applied between the two sets of rules, when biases are part of their products and weights are not scaled yet
 */
export function optimize(graph: Graph, change: (graph: Graph) => Graph = (same) => same): Graph {
  return settled(change(settled(graph, structureRules)), [...structureRules, ...scaleRules]);
}

function settled(graph: Graph, rules: readonly Rule[]): Graph {
  let current = graph;
  for (let pass = 0; pass < mostPasses; pass++) {
    const { graph: next, applied } = rewrite(current, rules);
    current = next;
    if (applied === 0) break;
  }
  return current;
}
