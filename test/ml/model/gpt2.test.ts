import { describe, expect, it } from 'vitest';
import type { HostTensor, TensorFunction } from '../../../src/ml/engine/engine.js';
import { embed, encode, wordEmbeddings } from '../../../src/ml/model/encoder.js';
import { named } from '../../../src/ml/model/layers.js';
import { mergeLora } from '../../../src/ml/model/merge-lora.js';
import { forwardProgram } from '../../../src/ml/model/programs.js';
import type { ModelSpec } from '../../../src/ml/model/spec.js';
import { trainableWeights } from '../../../src/ml/model/weights.js';
import { cpuEngine } from '../engine/support.js';
import { freshWeights, randomWeights, run, tinyBatch, tinyGpt2, tinyModel, tinyShape, train } from './support.js';

const engine = cpuEngine();
const { batch, length } = tinyShape;
const gpt2: ModelSpec = { ...tinyModel, encoder: tinyGpt2 };

function withWord(inputs: Record<string, HostTensor>, position: number, id: number): Record<string, HostTensor> {
  const tokenIds = { ...(inputs.tokenIds as HostTensor), data: (inputs.tokenIds as HostTensor).data.slice() };
  tokenIds.data[position] = id;
  return { ...inputs, tokenIds };
}

function largestDifference(a: readonly number[] = [], b: readonly number[] = []): number {
  return Math.max(...a.map((value, i) => Math.abs(value - (b[i] as number))));
}

describe('GPT-2', () => {
  const inputs = { ...randomWeights(gpt2), ...tinyBatch() };

  it('sees what came before, and nothing of what comes after', async () => {
    const fn: TensorFunction = (tensors) => {
      const words = wordEmbeddings(tensors, named(tensors, 'tokenIds'));
      return {
        hidden: encode(tensors, tinyGpt2, { x: embed(tensors, tinyGpt2, words), mask: named(tensors, 'tokenMask') }),
      };
    };
    const program = { fn, inputs };
    const before = (await run(engine, program, inputs)).hidden as number[];
    const after = (await run(engine, program, withWord(inputs, 3, 39))).hidden as number[];
    const row = (hidden: number[], from: number, to: number) =>
      hidden.slice(from * tinyGpt2.hiddenSize, to * tinyGpt2.hiddenSize);
    expect(row(after, 0, 3)).toEqual(row(before, 0, 3));
    for (let at = 3; at < length; at++) {
      expect(largestDifference(row(after, at, at + 1), row(before, at, at + 1))).toBeGreaterThan(1e-3);
    }
  });

  it('answers by every word of the text and by every number', async () => {
    const program = forwardProgram(gpt2, tinyShape);
    const before = (await run(engine, program, inputs)).output as number[];
    for (let position = 0; position < length; position++) {
      const id = 1 + (((inputs.tokenIds?.data[position] as number) + 5) % 39);
      const after = (await run(engine, program, withWord(inputs, position, id))).output as number[];
      expect(largestDifference(after.slice(0, 3), before.slice(0, 3))).toBeGreaterThan(1e-4);
      expect(after.slice(3)).toEqual(before.slice(3));
    }
    const numeric = inputs.numeric as HostTensor;
    for (let feature = 0; feature < gpt2.numericFeatures.length; feature++) {
      const data = Float32Array.from(numeric.data);
      (data[feature] as number) += 1;
      const after = (await run(engine, program, { ...inputs, numeric: { ...numeric, data } })).output as number[];
      expect(largestDifference(after.slice(0, 3), before.slice(0, 3))).toBeGreaterThan(1e-4);
    }
  });

  it('does not see what is in the padding', async () => {
    const program = forwardProgram(gpt2, tinyShape);
    const before = (await run(engine, program, inputs)).output as number[];
    const after = (await run(engine, program, withWord(inputs, length + 4, 30))).output as number[];
    expect(largestDifference(after, before)).toBeLessThan(1e-6);
  });

  it.each(['FULL', 'LORA', 'HEAD'] as const)(
    'learns, and changes what %s trains and nothing else',
    async (strategy) => {
      const spec: ModelSpec = { ...gpt2, strategy };
      const start = freshWeights(spec);
      const { losses, state } = await train(engine, spec, start, 30);
      expect(losses.at(-1)).toBeLessThan((losses[0] as number) - 0.01);
      const trained = new Set(trainableWeights(spec));
      for (const [name, { data }] of Object.entries(start)) {
        const isSame = (state[name] as number[]).every((value, i) => value === data[i]);
        expect([name, isSame]).toEqual([name, !trained.has(name)]);
      }
    },
  );

  it('answers the same with its adapters folded in', async () => {
    const spec: ModelSpec = { ...gpt2, strategy: 'LORA' };
    const weights = randomWeights(spec);
    const merged = mergeLora(spec, weights);
    const apart = await run(engine, forwardProgram(spec, tinyShape), { ...weights, ...tinyBatch() });
    const folded = await run(engine, forwardProgram(merged.spec, tinyShape), { ...merged.weights, ...tinyBatch() });
    expect(largestDifference(folded.output, apart.output)).toBeLessThan(1e-4);
  });

  it('is the prior before it is trained', async () => {
    const start = { ...freshWeights(gpt2), ...tinyBatch() };
    const { output } = await run(engine, forwardProgram(gpt2, tinyShape), start);
    for (let b = 0; b < batch; b++) expect(output?.[3 * b]).toBe(start.prior?.data[2 * b]);
  });
});
