import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { NarrativeSpan } from '../../../src/ml/features/feature-group.js';
import { createTokenizer, loadTokenizer } from '../../../src/ml/text/load-tokenizer.js';
import type { Tokenizer } from '../../../src/ml/text/tokenizer.js';

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
