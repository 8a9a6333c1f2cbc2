import { describe, expect, it } from 'vitest';
import { numbersForwardProgram } from '../../../src/ml/model/number-programs.js';
import { averageOfNetworks } from '../../../src/ml/model/numbers-networks.js';
import type { ModelSpec } from '../../../src/ml/model/spec.js';
import { type HostWeights, initialise, numbersHeadShapes } from '../../../src/ml/model/weights.js';
import { cpuEngine } from '../engine/support.js';
import { run, tinyBatch, tinyModel, tinyShape } from './support.js';

const engine = cpuEngine();
const seeds = [1, 2, 3];

/** Of each row, what is added up from the network's last layer: the logit of ZILN, all logits of CLASSIFICATION. */
async function logitsOf(spec: ModelSpec, weights: HostWeights): Promise<number[]> {
  const { numeric, prior } = tinyBatch();
  const program = numbersForwardProgram(spec, tinyShape.batch);
  const { output = [] } = await run(engine, program, { ...weights, numeric: numeric!, prior: prior! });
  return output.filter((_, i) => spec.objective === 'CLASSIFICATION' || i % 3 === 0);
}

describe('the average of networks on numbers', () => {
  it.each(['ZILN', 'CLASSIFICATION'] as const)('answers the mean of their logits, %s', async (objective) => {
    const spec: ModelSpec = { ...tinyModel, objective };
    const networks = seeds.map((seed) => initialise(numbersHeadShapes(spec), seed, () => 0.3));
    const logits = await Promise.all(networks.map((weights) => logitsOf(spec, weights)));
    const ofAll: ModelSpec = { ...spec, numbersNetworks: seeds.length };
    const averaged = await logitsOf(ofAll, averageOfNetworks(ofAll, networks));
    for (const [i, each] of averaged.entries()) {
      const [a, b, c] = logits.map((ofOne) => ofOne[i]!) as [number, number, number];
      expect(each).toBeCloseTo((a + b + c) / 3, 4);
      expect(Math.abs(a - b)).toBeGreaterThan(0.01);
    }
  });
});
