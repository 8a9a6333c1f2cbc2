import { beforeAll, describe, expect, it } from 'vitest';
import { buildTokenizer } from '../../../scripts/pretrain/base.js';
import { maskBatch, mlmShape } from '../../../scripts/pretrain/masking.js';
import { pretrain } from '../../../scripts/pretrain/pretrain.js';
import type { HostTensor } from '../../../src/ml/engine/engine.js';
import type { NarrativeSpan } from '../../../src/ml/features/feature-group.js';
import { mlmShapes } from '../../../scripts/pretrain/mlm-programs.js';
import type { Encoding, Tokenizer } from '../../../src/ml/text/tokenizer.js';
import { Random } from '../../../src/random.js';
import { cpuEngine } from '../../ml/engine/support.js';
import { tinyEncoder } from '../../ml/model/support.js';

const random = new Random('narratives');
const narratives: NarrativeSpan[][] = Array.from({ length: 400 }, () => {
  const goods = random.pick(['mugs', 'candles', 'christmas ornaments']);
  return [
    { group: 'recency', text: `last bought ${1 + random.integer(9)} days ago.` },
    { group: 'categories', text: `buys ${goods}, always ${goods}.` },
  ];
});
let tokenizer: Tokenizer;
let corpus: Encoding[];
beforeAll(async () => {
  tokenizer = await buildTokenizer(narratives);
  corpus = narratives.map((spans) => tokenizer.encodeSpans(spans, 32));
});

/** Every place that is really masked has weight 1. */
function countOf(weights: HostTensor | undefined): number {
  return [...(weights?.data ?? [])].filter((weight) => weight === 1).length;
}

describe('masking', () => {
  const shape = mlmShape(32, 32);
  const masked = (): ReturnType<typeof maskBatch> =>
    maskBatch(corpus.slice(0, 32), shape, tokenizer.special, 8192, new Random('masks'));

  it('hides the words that are to be guessed, and remembers them', () => {
    const { tokenIds, maskedPositions, maskedTargets, maskedWeights } = masked();
    const count = countOf(maskedWeights);
    const original = (position: number): number | undefined => corpus[Math.floor(position / 32)]?.ids[position % 32];
    const places = [...(maskedPositions?.data ?? [])].slice(0, count);
    expect(places.map(original)).toEqual([...(maskedTargets?.data ?? [])].slice(0, count));
    const hidden = places.filter((place) => tokenIds?.data[place] === tokenizer.special.mask).length;
    expect(hidden / count).toBeGreaterThan(0.65);
    expect(hidden / count).toBeLessThan(0.95);
  });

  it('takes 15 % of the text, never a special token, and leaves the rest alone', () => {
    const { tokenIds, maskedPositions, maskedTargets, maskedWeights } = masked();
    const count = countOf(maskedWeights);
    const text = corpus.slice(0, 32).reduce((sum, { ids }) => sum + ids.length - 2, 0);
    expect(count / text).toBeCloseTo(0.15, 1);
    const special = new Set(Object.values(tokenizer.special));
    expect([...(maskedTargets?.data ?? [])].slice(0, count).some((id) => special.has(id))).toBe(false);
    const places = new Set(maskedPositions?.data);
    corpus.slice(0, 32).forEach(({ ids }, b) => {
      const changed = [...ids].filter((id, l) => !places.has(32 * b + l) && tokenIds?.data[32 * b + l] !== id);
      expect(changed).toEqual([]);
    });
  });

  it('hides words whole', () => {
    const rows = [tokenizer.encodeSpans([{ group: 'spend', text: '12345 67890 24680 13579 11111 22222' }], 64)];
    const one = mlmShape(1, 64);
    const { maskedPositions, maskedWeights } = maskBatch(rows, one, tokenizer.special, 8192, new Random(3));
    const count = countOf(maskedWeights);
    const places = [...(maskedPositions?.data ?? [])].slice(0, count).sort((a, b) => a - b);
    expect(places).toHaveLength(4);
    expect((places[0] as number) % 4).toBe(1);
    expect(places.map((place) => place - (places[0] as number))).toEqual([0, 1, 2, 3]);
  });
});

describe('pretraining', () => {
  const spec = { ...tinyEncoder, vocabSize: 8192, hiddenSize: 16, maxPositions: 32 };
  const settings = { batch: 16, lengths: [16, 32], steps: 40, learningRate: 0.01, seed: 1 };

  it('learns to guess, the same way every time', async () => {
    const phases: number[] = [];
    const progress = { report: (_: string, fraction: number) => void phases.push(fraction) };
    const first = await pretrain(cpuEngine(), spec, corpus, tokenizer.special, settings, progress);
    const losses = first.curve.map(({ heldOutLoss }) => heldOutLoss);
    expect(losses[0]).toBeGreaterThan(8);
    expect(losses.at(-1)).toBeLessThan((losses[0] as number) - 2);
    expect(phases.at(-1)).toBe(1);
    expect(Object.keys(first.weights)).toEqual(Object.keys(mlmShapes(spec)));
    const second = await pretrain(cpuEngine(), spec, corpus, tokenizer.special, settings, progress);
    expect(second.weights).toEqual(first.weights);
  });

  it('wants enough narratives', async () => {
    const few = corpus.slice(0, 20);
    await expect(
      pretrain(cpuEngine(), spec, few, tokenizer.special, settings, { report: () => undefined }),
    ).rejects.toThrow(/20 narratives are too few/);
  });
});
