import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { NarrativeSpan } from '../../../src/ml/features/feature-group.js';
import { createTokenizer, loadTokenizer } from '../../../src/ml/text/load-tokenizer.js';
import type { Tokenizer } from '../../../src/ml/text/tokenizer.js';
import { padTokens } from '../../../src/ml/text/tokenizer-batch.js';

const spelling = 'test/fixtures/hugging-face/spelling';
const expected = JSON.parse(await readFile(`${spelling}/expected.json`, 'utf8')) as {
  text: string;
  tokens: string[];
}[];

let tokenizer: Tokenizer;
beforeAll(async () => {
  tokenizer = await loadTokenizer('models/base');
});

const spans: NarrativeSpan[] = [
  { group: 'recency', text: 'last bought 12 days ago.' },
  { group: 'spend', text: 'spends 230 an order.' },
];
const tokensOf = (text: string): string[] =>
  tokenizer.encodeSpans([{ group: 'basket', text }], 256).tokens.slice(1, -1);

describe('encodeSpans', () => {
  it('puts a narrative between [CLS] and [SEP] and knows each token’s group', () => {
    const { ids, tokens, groups } = tokenizer.encodeSpans(spans, 64);
    expect(tokens.join(' ')).toBe('[CLS] last bought 12 days ago . spends 230 an order . [SEP]');
    expect(groups.filter((group) => group === 'recency')).toHaveLength(6);
    expect(groups.filter((group) => group === 'spend')).toHaveLength(5);
    expect([groups[0], groups.at(-1)]).toEqual(['', '']);
    expect([ids[0], ids.at(-1)]).toEqual([tokenizer.special.cls, tokenizer.special.sep]);
    expect([ids.length, groups.length]).toEqual([tokens.length, tokens.length]);
  });

  it('cuts what does not fit off the end', () => {
    const { ids, groups, tokens } = tokenizer.encodeSpans(spans, 10);
    expect(ids).toHaveLength(10);
    expect(tokens.at(-1)).toBe('[SEP]');
    expect(groups.slice(1, -1)).toEqual([...Array.from({ length: 6 }, () => 'recency'), 'spend', 'spend']);
  });

  it('makes nothing of nothing', () => {
    expect(tokenizer.encodeSpans([], 8).tokens).toEqual(['[CLS]', '[SEP]']);
    expect(tokensOf('')).toEqual([]);
    expect(tokensOf('  \t\n ')).toEqual([]);
    expect(tokenizer.encodeSpans([{ group: 'basket', text: 'mug' }], 2).tokens).toEqual(['[CLS]', '[SEP]']);
  });

  it('takes special tokens in a text for text', () => {
    const { ids } = tokenizer.encodeSpans([{ group: 'basket', text: 'mug [SEP][MASK] a[CLS]b' }], 64);
    const special = new Set<number | undefined>([tokenizer.special.cls, tokenizer.special.sep, tokenizer.special.mask]);
    expect([...ids].slice(1, -1).filter((id) => special.has(id))).toEqual([]);
  });

  it.each(['Ångström straße', '红色 茶杯', 'Красная кружка', 'κούπα', 'コーヒー', '컵', '€9.99', 'שלום', 'قهوة'])(
    'can spell %s',
    (text) => {
      expect(tokensOf(text)).not.toContain('[UNK]');
    },
  );

  it('knows round numbers as a whole and spells the others', () => {
    expect(tokensOf('120 35 9000')).toEqual(['120', '35', '9000']);
    expect(tokensOf('90210')).toEqual(['90', '##2', '##1', '##0']);
  });

  it('is the same the second time, from memory', () => {
    expect(tokenizer.encodeSpans(spans, 64)).toEqual(tokenizer.encodeSpans(spans, 64));
  });
});

describe('a vocabulary of words', () => {
  // As Python's tokenizers 0.23.3 cuts them: pre_tokenizers.Whitespace().pre_tokenize_str(text).
  const cut: Readonly<Record<string, readonly string[]>> = {
    'Bücher für Straße: naïve café': ['Bücher', 'für', 'Straße', ':', 'naïve', 'café'],
    'a\u200Db e\u0301te snake_case\u203Ftie': ['a\u200Db', 'e\u0301te', 'snake_case\u203Ftie'],
    'x² £3.50 (2×) 😀': ['x', '²', '£', '3', '.', '50', '(', '2', '×)', '😀'],
    'हिन्दी में ٣٤٥': ['हिन्दी', 'में', '٣٤٥'],
  };
  // Likewise, each behind pre_tokenizers.WhitespaceSplit().
  const others: Readonly<Record<string, readonly string[]>> = {
    '{"type":"Punctuation"}': ['(', '2', 'cups', ')', ',', '“', 'größer', '”', '३४', 'x²', '!'],
    '{"type":"Digits","individual_digits":true}': ['(', '2', 'cups),', '“größer”', '३', '४', 'x', '²', '!'],
    '{"type":"Digits","individual_digits":false}': ['(', '2', 'cups),', '“größer”', '३४', 'x', '²', '!'],
  };
  const words = [...new Set([...Object.values(cut), ...Object.values(others)].flat())];
  const vocab = Object.fromEntries(
    ['[UNK]', '[CLS]', '[SEP]', '[PAD]', '[MASK]', ...words].map((word, id) => [word, id]),
  );
  const special = (id: string) => ({ id, ids: [vocab[id]], tokens: [id] });
  const definition = {
    version: '1.0',
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: { type: 'Whitespace' },
    post_processor: {
      type: 'TemplateProcessing',
      single: ['[CLS]', 'A', '[SEP]'].map((id) =>
        id === 'A' ? { Sequence: { id, type_id: 0 } } : { SpecialToken: { id, type_id: 0 } },
      ),
      pair: [],
      special_tokens: { '[CLS]': special('[CLS]'), '[SEP]': special('[SEP]') },
    },
    decoder: null,
    model: {
      type: 'WordPiece',
      vocab,
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
    },
  };

  it.each([
    ['itself', { type: 'Whitespace' }],
    ['one of several', { type: 'Sequence', pretokenizers: [{ type: 'Whitespace' }] }],
  ])('that `Whitespace` cuts has those that Python finds: %s', async (_where, pre_tokenizer) => {
    const ofWords = await createTokenizer({
      tokenizer: JSON.stringify({ ...definition, pre_tokenizer }),
      config: '{}',
    });
    for (const [text, found] of Object.entries(cut)) {
      expect(ofWords.encodeSpans([{ group: 'basket', text }], 64).tokens.slice(1, -1)).toEqual(found);
    }
  });

  it.each(Object.entries(others))('that %s cuts has those that Python finds', async (step, found) => {
    const pretokenizers = [{ type: 'WhitespaceSplit' }, JSON.parse(step) as object];
    const tokenizer = JSON.stringify({ ...definition, pre_tokenizer: { type: 'Sequence', pretokenizers } });
    const ofWords = await createTokenizer({ tokenizer, config: '{}' });
    const text = '(2 cups), “größer” ३४ x²!';
    expect(ofWords.encodeSpans([{ group: 'basket', text }], 64).tokens.slice(1, -1)).toEqual(found);
  });
});

describe('a text cut into spans and words', () => {
  it.each(expected)('has the pieces that the library gives it whole: $text', async ({ text }) => {
    const { AutoTokenizer, env } = await import('@xenova/transformers');
    env.allowRemoteModels = false;
    env.localModelPath = '.';
    const library = await AutoTokenizer.from_pretrained(spelling);
    const ours = await loadTokenizer(spelling);
    expect([...ours.encodeSpans([{ group: 'basket', text }], 256).ids]).toEqual(library.encode(text));
  });

  it.each(expected)('has the pieces that Python’s tokenizers give it: $text', async ({ text, tokens }) => {
    const ours = await loadTokenizer(spelling);
    expect(ours.encodeSpans([{ group: 'basket', text }], 256).tokens).toEqual(tokens);
  });
});

describe.each(['gpt2', 'roberta', 'unigram'])(
  'a vocabulary that attaches the space to the word, as %s',
  async (name) => {
    const folder = `${spelling}-${name}`;
    const cases = JSON.parse(await readFile(`${folder}/expected.json`, 'utf8')) as typeof expected;
    const ours = await loadTokenizer(folder);

    it.each(cases)('has the pieces that Python’s tokenizers give it: $text', ({ text, tokens }) => {
      const framed = name === 'gpt2' ? ['<|endoftext|>', ...tokens] : tokens;
      expect(ours.encodeSpans([{ group: 'basket', text }], 512).tokens).toEqual(framed);
    });

    it('cuts spans one by one as it would cut them together', () => {
      const [first, second] = cases as [(typeof cases)[0], (typeof cases)[0]];
      const apart = [first, second].map(({ text }) => ({ group: 'basket' as const, text }));
      const together = [{ group: 'basket' as const, text: `${first.text} ${second.text}` }];
      expect(ours.encodeSpans(apart, 512).ids).toEqual(ours.encodeSpans(together, 512).ids);
    });
  },
);

describe('GPT-2', async () => {
  const gpt2 = await loadTokenizer(`${spelling}-gpt2`);

  it('has one special token for everything, before the text only', () => {
    expect(gpt2.special).toEqual({ cls: 0, sep: undefined, pad: 0, mask: 0 });
    expect(gpt2.encodeSpans([], 8).tokens).toEqual(['<|endoftext|>']);
    const { tokens, groups } = gpt2.encodeSpans(spans, 4);
    expect([tokens.length, groups.length, groups[0], groups[3]]).toEqual([4, 4, '', 'recency']);
  });

  it('is the same where it puts that token before a text itself', async () => {
    const mark = [{ SpecialToken: { id: '<|endoftext|>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }];
    const post_processor = { type: 'TemplateProcessing', single: mark, pair: [], special_tokens: {} };
    const tokenizer = JSON.stringify({ ...(JSON.parse(gpt2.files.tokenizer) as object), post_processor });
    const config = JSON.stringify({ add_bos_token: true, unk_token: '<|endoftext|>' });
    const marking = await createTokenizer({ tokenizer, config });
    expect(marking.encodeSpans(spans, 64)).toEqual(gpt2.encodeSpans(spans, 64));
  });

  it('takes its special token in a text for text', () => {
    const { ids } = gpt2.encodeSpans([{ group: 'basket', text: 'mug <|endoftext|>' }], 64);
    expect([...ids].filter((id) => id === 0)).toHaveLength(1);
  });
});

describe('special tokens that tokenizer_config.json does not name', () => {
  it('are those of the family', async () => {
    const files = (await loadTokenizer(spelling)).files;
    const bare = await createTokenizer({ ...files, config: '{"model_max_length": 512}' });
    expect(bare.special).toEqual((await loadTokenizer(spelling)).special);
  });
});

describe('a Unigram tokenizer', () => {
  it.each([-1, 2.5, 100_000, '"3"'])('is refused where the token for what it does not know is %s', async (id) => {
    const { files } = await loadTokenizer(`${spelling}-unigram`);
    const tokenizer = files.tokenizer.replace(/"unk_id":\s*3/, `"unk_id": ${id}`);
    expect(tokenizer).not.toBe(files.tokenizer);
    await expect(createTokenizer({ ...files, tokenizer })).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringContaining('unk_id is'),
    });
  });
});

describe('a tokenizer from elsewhere', async () => {
  const { files } = await loadTokenizer(spelling);
  const definition = JSON.parse(files.tokenizer) as { added_tokens: object[]; model: { vocab: object } };
  const withParts = (parts: object) =>
    createTokenizer({ ...files, tokenizer: JSON.stringify({ ...definition, ...parts }) }, 'x', 5_000);
  const doubling = { type: 'Replace', pattern: { Regex: '.' }, content: 'aa' };
  const several = (normalizers: object[]) => ({ normalizer: { type: 'Sequence', normalizers } });
  const split = (pattern: object, behavior = 'Isolated', invert = false) => ({
    pre_tokenizer: { type: 'Split', pattern, behavior, invert },
  });
  const deep = (level: number): object => (level === 0 ? { type: 'NFC' } : several([deep(level - 1)]).normalizer);

  it.each([
    ['a pattern of its own', split({ Regex: String.raw`(a+)+$|(\w+\s?)+$` })],
    ['replacements by such a pattern', { normalizer: { type: 'Replace', pattern: { Regex: '(a+)+$' }, content: '' } }],
    ['replacements that double a text', several(Array.from({ length: 24 }, () => doubling))],
    ['a replacement that is longer', several([{ type: 'Replace', pattern: { String: 'a' }, content: 'aa' }])],
    ['a replacement of nothing', several([{ type: 'Replace', pattern: { String: '' }, content: 'x' }])],
    ['a long text before each', { normalizer: { type: 'Prepend', prepend: 'x'.repeat(1_000) } }],
    ['a long text for each space', { pre_tokenizer: { type: 'Metaspace', replacement: 'x'.repeat(1_000) } }],
    ['an unknown step', { pre_tokenizer: { type: 'FixedLength', length: 1 } }],
    [
      'such a step within others',
      { pre_tokenizer: { type: 'Sequence', pretokenizers: [split({ Regex: 'a*' }).pre_tokenizer] } },
    ],
    ['punctuation that is left out', { pre_tokenizer: { type: 'Punctuation', behavior: 'Removed' } }],
    ['punctuation of the word before', { pre_tokenizer: { type: 'Punctuation', behavior: 'MergedWithPrevious' } }],
    ['spaces of the word before', split({ Regex: String.raw`\s+` }, 'MergedWithPrevious')],
    ['spaces that are words', split({ Regex: String.raw`\s+` }, 'Isolated', true)],
    ['a text that is left out', split({ String: ' ' }, 'Removed')],
    ['very many steps', several(Array.from({ length: 17 }, () => ({ type: 'NFC' })))],
    ['steps very deep within others', { normalizer: deep(500) }],
  ])('is refused for %s', async (_what, parts) => {
    await expect(withParts(parts)).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringMatching(/none of BERT, DistilBERT, RoBERTa or GPT-2|more than 16 steps/),
    });
  });

  it.each([
    ['one token', ['[CLS]', 'A']],
    ['three tokens', ['[CLS]', 'A', '[SEP]', '[SEP]']],
    ['nothing, and has no mark of an end', ['A']],
  ])('is refused where it puts around a text %s', async (_what, parts) => {
    const single = parts.map((id) =>
      id === 'A' ? { Sequence: { id, type_id: 0 } } : { SpecialToken: { id, type_id: 0 } },
    );
    const post_processor = { type: 'TemplateProcessing', single, pair: [], special_tokens: {} };
    await expect(withParts({ post_processor })).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringContaining('it must put one token before and one after a text') as string,
    });
  });

  it('is refused where it marks the pieces inside of words in BPE, too', async () => {
    const roberta = await loadTokenizer(`${spelling}-roberta`);
    const tokenizer = roberta.files.tokenizer.replace(
      /"continuing_subword_prefix":\s*null/,
      '"continuing_subword_prefix":"##"',
    );
    expect(tokenizer).not.toBe(roberta.files.tokenizer);
    await expect(createTokenizer({ ...roberta.files, tokenizer })).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringContaining('its BPE marks pieces inside of words by "##"') as string,
    });
  });

  it('is refused, before room for it is made, for more tokens than the model has rows', async () => {
    const vocab = { ...definition.model.vocab, beyond: 2 ** 31 - 1 };
    const message = "has 2147483648 tokens and the model's word table only 5000 rows";
    const refused = { code: 'CHECKPOINT_INVALID', message: expect.stringContaining(message) as string };
    await expect(withParts({ model: { ...definition.model, vocab } })).rejects.toMatchObject(refused);
    const added_tokens = [...definition.added_tokens, { id: 2 ** 31 - 1, content: 'beyond', special: false }];
    await expect(withParts({ added_tokens })).rejects.toMatchObject(refused);
  });

  it.each([
    // As published: XLM-RoBERTa, CamemBERT, RoBERTa-like ones of later versions, and those of other SentencePieces.
    ['spaces made one', several([{ type: 'NFKC' }, { type: 'Replace', pattern: { Regex: ' {2,}' }, content: ' ' }])],
    ['Metaspace', { pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true } }],
    ['punctuation in runs', { pre_tokenizer: { type: 'Punctuation', behavior: 'Contiguous' } }],
    ['spaces left out', split({ Regex: String.raw`\s+` }, 'Removed')],
    ['a text alone', split({ String: ' ' }, 'Removed', true)],
    ['quotes', several([{ type: 'Replace', pattern: { String: '``' }, content: '"' }, { type: 'Lowercase' }])],
    [
      'spaces that show',
      several([
        { type: 'Prepend', prepend: '▁' },
        { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
      ]),
    ],
    [
      'GPT-2',
      {
        normalizer: null,
        pre_tokenizer: {
          type: 'Sequence',
          pretokenizers: [
            split({
              Regex: String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`,
            }).pre_tokenizer,
            { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
          ],
        },
      },
    ],
  ])('is taken where its steps are usual: %s', async (_what, parts) => {
    const { special } = await withParts(parts);
    expect(special.cls).toBeGreaterThanOrEqual(0);
  });
});

describe('padTokens', () => {
  it('pads rows and batch', () => {
    const { tokenIds, tokenMask } = padTokens([Int32Array.of(2, 7, 3), Int32Array.of(2, 3)], {
      batch: 3,
      length: 4,
      pad: 0,
    });
    expect(tokenIds).toEqual({
      shape: [3, 4],
      dtype: 'int32',
      data: Int32Array.of(2, 7, 3, 0, 2, 3, 0, 0, 0, 0, 0, 0),
    });
    // A row that only fills up the batch still attends to one position: a softmax over nothing has no value.
    expect([...tokenMask.data]).toEqual([1, 1, 1, 0, 1, 1, 0, 0, 1, 0, 0, 0]);
  });

  it('refuses a text that is too long', () => {
    expect(() => padTokens([new Int32Array(5)], { batch: 1, length: 4, pad: 0 })).toThrow(
      /5 tokens does not fit into 4/,
    );
  });
});
